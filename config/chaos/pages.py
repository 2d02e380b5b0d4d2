"""The report of a campaign as a file: Markdown, or a page of HTML with a timeline drawn in it."""

from __future__ import annotations

from html import escape
from pathlib import Path

from config.chaos import figures
from config.chaos.campaign import Blow, Outcome
from config.chaos.faults import KILLS

WIDTH, HEIGHT, LEFT, BOTTOM = 960, 260, 44, 22
COLOURS = {"kill": "#c2452d", "redis flush": "#cf9a35", "redis restart": "#8a6d1f", "postgres restart": "#2f5d62"}

STYLE = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")


def markdown(outcome: Outcome) -> str:
    """Return the report as Markdown."""
    head = "Every promise was kept." if outcome.kept else "A promise was broken."
    lines = [f"# Chaos, seed {outcome.wanted.seed}", "", f"**{head}** {figures.tally(outcome.blows)}.", ""]
    lines += ["| | broken |", "|---|---:|"]
    lines += [f"| {name} | {count} |" for name, count in figures.verdict(outcome)]
    lines += ["", "## How long until the shop was well", ""]
    lines += ["An order placed after the fault is confirmed, and all that was said before it has been heard.", ""]
    lines += ["| fault | struck | measured | p50 | p90 | worst | ordering p50 |", "|---|---:|---:|---:|---:|---:|---:|"]
    for row in figures.rows(outcome.blows):
        times = " | ".join(figures.seconds(value) for value in (row.p50, row.p90, row.worst, row.ordering_p50))
        what = f"{row.kind}: {row.what}" if row.what else f"**{row.kind}**"
        lines.append(f"| {what} | {row.struck} | {row.measured} | {times} |")
    lines += ["", "## What happened", ""]
    lines += [f"- {name}: {words}" for name, words in figures.facts(outcome)]
    lines += ["", "## The judges", ""]
    for one in outcome.verdicts:
        lines.append(f"- **{one.judge}**, {one.looked_at}: {'nothing wrong' if not one.problems else 'wrong:'}")
        lines += [f"  - {problem}" for problem in one.problems]
    lines += [f"- {problem}" for problem in [*outcome.problems, *outcome.unfinished]]
    lines += ["", "## Timeline", "", "| at | fault | well after | who heard last |", "|---:|---|---:|---|"]
    lines += [
        f"| {blow.at_s:.1f} s | {blow.kind} | {figures.seconds(blow.recovery_s)} | {blow.problem or blow.last} |"
        for blow in outcome.blows
    ]
    return "\n".join([*lines, "", "Again:", "", f"    {figures.repeat(outcome)}", ""])


def html(outcome: Outcome) -> str:
    """Return the report as a page that stands alone."""
    good = "good" if outcome.kept else "bad"
    head = "Every promise was kept." if outcome.kept else "A promise was broken."
    cards = "".join(
        f'<div><b class="{"bad" if count else "good"}">{count}</b>{escape(name)}</div>'
        for name, count in figures.verdict(outcome)
    )
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(words)}</dd>" for name, words in figures.facts(outcome))
    judges = "".join(
        f"<dt>{escape(one.judge)}</dt><dd>{escape(one.looked_at)}: "
        + ("<span class=good>nothing wrong</span>" if not one.problems else _list(one.problems))
        + "</dd>"
        for one in outcome.verdicts
    )
    left = [*outcome.problems, *outcome.unfinished]
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Chaos, seed {outcome.wanted.seed}</title><style>{STYLE}</style>
<h1>Chaos, seed {outcome.wanted.seed}: <span class="{good}">{head}</span></h1>
<p class="lead">{escape(figures.tally(outcome.blows))}, while people bought.</p><div class="cards">{cards}</div>
<h2>How long until the shop was well</h2><p class="lead">An order placed after the fault is confirmed, and all that was
said before it has been heard.</p>{_table(outcome)}
<h2>Timeline</h2>{_timeline(outcome.blows)}<h2>What happened</h2><dl>{facts}</dl>
<h2>The judges</h2><dl>{judges}</dl>{_list(left) if left else ""}
<h2>Again</h2><p><code>{escape(figures.repeat(outcome))}</code></p></html>
"""


def _list(items: list[str]) -> str:
    return "<ul class=bad>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def _table(outcome: Outcome) -> str:
    names = ("fault", "struck", "measured", "p50", "p90", "worst", "ordering p50")
    head = "".join(f"<th>{name}</th>" for name in names)
    body = ""
    for row in figures.rows(outcome.blows):
        cells = [f"{escape(row.kind)}<small>{escape(row.what)}</small>", str(row.struck), str(row.measured)]
        cells += [figures.seconds(value) for value in (row.p50, row.p90, row.worst, row.ordering_p50)]
        body += f'<tr class="{row.kind}">' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _timeline(blows: list[Blow]) -> str:
    """Draw each fault at its time, as high as the shop took to get well."""
    long_s = max([blow.at_s for blow in blows] + [1.0])
    worst_s = max([blow.recovery_s or 0 for blow in blows] + [1.0])

    def across(at_s: float) -> float:
        return LEFT + (WIDTH - LEFT - 10) * at_s / long_s

    def down(value_s: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - 12) * value_s / worst_s

    marks = ""
    for blow in blows:
        x, y = across(blow.at_s), down(blow.recovery_s or 0)
        colour = COLOURS["kill" if blow.kind in KILLS else blow.kind]
        title = f"{blow.kind} at {blow.at_s:.1f} s, well after {figures.seconds(blow.recovery_s)} {blow.last}"
        marks += (
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{HEIGHT - BOTTOM}" y2="{y:.1f}" stroke="{colour}" opacity=".35"/>'
        )
        marks += f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"><title>{escape(title)}</title></circle>'
    grid = "".join(
        f'<line x1="{LEFT}" x2="{WIDTH - 10}" y1="{down(share * worst_s):.1f}" y2="{down(share * worst_s):.1f}" '
        f'stroke="currentColor" opacity=".15"/><text x="4" y="{down(share * worst_s) + 4:.1f}">{share * worst_s:.1f} s</text>'
        for share in (0, 0.5, 1)
    )
    ticks = "".join(
        f'<text x="{across(share * long_s):.1f}" y="{HEIGHT - 4}" text-anchor="middle">{share * long_s / 60:.1f} min</text>'
        for share in (0.1, 0.5, 0.9)
    )
    key = "".join(
        f'<i style="background:{colour}"></i>{name}' for name, colour in (COLOURS | {"kill": COLOURS["kill"]}).items()
    )
    drawn = (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="When each fault struck">{grid}{marks}{ticks}</svg>'
    )
    return f'{drawn}<p class="key">{key}</p>'
