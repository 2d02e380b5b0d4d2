"""What browsers report of the security policy: counted by kind, within bounds, shown to staff."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from django.conf import settings
from django.test import Client

from config import policy_reports
from config.policy_reports import Kind
from tests.runtime.test_dashboard import staff, words

pytestmark = pytest.mark.django_db(databases=list(settings.CONTEXTS))
ORDER = "0198c0de-1234-7abc-8def-0123456789ab"


def report(**said: str) -> dict[str, Any]:
    known = {
        "document-uri": f"https://shop.example/orders/{ORDER}/?key=secret", "blocked-uri": "https://evil.example/x.js?q=1",
        "effective-directive": "script-src-elem",
    }  # fmt: skip
    return {"csp-report": known | {name.replace("_", "-"): value for name, value in said.items()}}


def post(client: Client, body: object) -> int:
    data = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return client.post(policy_reports.PATH, data, content_type="application/csp-report").status_code


def test_every_page_says_where_to_report(client: Client) -> None:
    for path in ("/cart/", "/admin/login/"):
        policy = client.get(path)["Content-Security-Policy"]
        assert f"report-uri {policy_reports.PATH}" in policy


def test_a_report_is_counted_without_what_is_secret_in_its_addresses(client: Client) -> None:
    assert [post(Client(enforce_csrf_checks=True), report()) for _ in range(2)] == [204, 204]
    post(client, report(blocked_uri="inline", effective_directive="style-src-attr"))

    assert policy_reports.counted() == [
        (Kind(directive="script-src-elem", blocked="https://evil.example", page="/orders/…/"), 2),
        (Kind(directive="style-src-attr", blocked="inline", page="/orders/…/"), 1),
    ]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"nonsense", 400), ({"csp-report": {}}, 400), ([1], 400), (b"\xff" * 9000, 413),
        (report(effective_directive="script-src<b>"), 400), (report(document_uri="http://[x"), 400),
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused_and_counts_nothing(client: Client, body: object, status: int) -> None:
    assert post(client, body) == status
    assert client.get(policy_reports.PATH).status_code == 405
    assert policy_reports.counted() == []


def test_a_flood_is_cut_off(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_reports, "MOST_PER_MINUTE", 4)

    for number in range(10):
        post(client, report(document_uri=f"https://shop.example/{number}/"))

    # Six, if a minute ended in between.
    assert len(policy_reports.counted()) <= 8


def test_a_day_has_so_many_kinds_and_counts_the_others_together(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy_reports, "MOST_KINDS_PER_DAY", 2)

    for page in "abcda":
        post(client, report(document_uri=f"https://shop.example/{page}/"))

    assert [(kind and kind.page, count) for kind, count in policy_reports.counted()] == [
        ("/a/", 2), (None, 2), ("/b/", 1),
    ]  # fmt: skip


def test_without_redis_a_report_is_let_go(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:1/0")

    assert post(client, report()) == 204
    assert policy_reports.counted() == []


def test_staff_see_what_was_reported(client: Client) -> None:
    assert "refusals by the security policy" not in words(staff(client))
    for _ in range(3):
        post(client, report())

    said = words(client)

    assert "Browsers reported 3 refusals by the security policy in the last 7 days." in said
    assert "3 × script-src-elem https://evil.example, /orders/…/" in said
