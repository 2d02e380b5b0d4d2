"""The report of a campaign: a broken promise is never told as a good end, and its figures are those measured."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from config.chaos import figures, pages
from config.chaos.campaign import Blow, Outcome, Wanted
from config.chaos.judges import PROMISES, Verdict
from config.chaos.report import Screen, write
from config.problems import Problem

WANTED = Wanted(seed=7, full=False, minutes=0.5, orders_per_minute=30)
BLOWS = [
    Blow(number=1, kind="worker", at_s=1.0, what="process 12", ordering_s=2.0, recovery_s=3.0),
    Blow(number=2, kind="redis flush", at_s=5.0, what="30 keys"),
    Blow(number=3, kind="worker", at_s=6.0, what="process 15", ordering_s=4.0, recovery_s=9.0, last="catalog"),
]


def outcome(**changes: object) -> Outcome:
    calm = Outcome(
        wanted=WANTED, took_s=40.0, load=0.5, cores=2, blows=BLOWS, counts={"tried": 20, "placed": 19, "refused": 1},
        ends={"cancelled": 2, "completed": 17}, web_errors=3, web_silences=2, restarts=2, quiet_after_s=1.5,
        unfinished=[], broken=dict.fromkeys(PROMISES, 0), problems=[],
        verdicts=[Verdict(judge="the checker", looked_at="100 events", problems=[])],
    )  # fmt: skip
    return msgspec.structs.replace(calm, **changes)


LOST = Verdict(judge="the checker", looked_at="100 events", problems=["lost: order/1 <b>is gone</b>"])


@pytest.mark.parametrize(
    "changes",
    [
        {"verdicts": [LOST], "broken": dict.fromkeys(PROMISES, 0) | {"durable": 1}},
        {"problems": ["not well 120 s after fault 3"]},
        {"unfinished": ["2 orders under way"]},
    ],
)
def test_what_went_wrong_is_said_in_every_form(changes: dict[str, object], capsys: pytest.CaptureFixture[str]):
    broken = outcome(**changes)

    Screen(to_stderr=False).conclude(broken)

    assert not broken.kept
    for said in (capsys.readouterr().out, pages.markdown(broken), pages.html(broken)):
        assert "A promise was broken." in said
        assert "Every promise was kept." not in said


def test_a_good_end_is_said_as_one():
    assert outcome().kept
    assert "Every promise was kept." in pages.markdown(outcome())


def test_what_a_judge_says_is_text_and_not_markup():
    assert "order/1 &lt;b&gt;is gone&lt;/b&gt;" in pages.html(outcome(verdicts=[LOST]))


def test_times_are_those_of_faults_that_were_given_time():
    worker, flush, every = figures.rows(BLOWS)

    assert (worker.kind, worker.struck, worker.measured, worker.p50, worker.worst) == ("worker", 2, 2, 9.0, 9.0)
    assert (flush.kind, flush.struck, flush.measured, flush.p50) == ("redis flush", 1, 0, None)
    assert (every.struck, every.measured) == (3, 2)


def test_the_report_says_how_to_repeat_it():
    storm = outcome(wanted=msgspec.structs.replace(WANTED, storm=True, only=["redis flush"]))

    assert figures.repeat(outcome()) == "manage.py chaos --minutes 0.5 --seed 7 --orders-per-minute 30"
    assert figures.repeat(storm).endswith('--minutes 0.5 --storm --seed 7 --orders-per-minute 30 --only "redis flush"')


def test_a_report_as_json_can_be_read_by_a_script(tmp_path: Path):
    write(outcome(), tmp_path / "report.json")

    document = json.loads((tmp_path / "report.json").read_text())
    assert document["kept"] is True
    assert document["blows"][2]["recovery_s"] == 9.0


def test_a_report_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path):
    with pytest.raises(Problem, match="cannot be written"):
        write(outcome(), tmp_path / "gone" / "report.md")
