"""The relay table as a static picture: the rows, and below them who tried and what came of it.

Must not know: SVG (`still.py`), browsers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.widgets import relay_words as words
from mailkit.widgets.still import Cell, Line, still

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailkit.widgets.relay_runs import Attempt
    from mailkit.widgets.relay_table import RelayTableModel

_ROWS = 40
"""Rows of the table that are drawn; more are counted."""


def svg(model: RelayTableModel) -> str:
    """The whole picture."""
    title = _("Relay table of {server}").format(server=model.server.hostname)
    lines = [Line([Cell(0, title, is_bold=True)]), *_table(model)]
    lines.append(Line([Cell(0, words.summary(model.attempts), 140, is_bold=True)]))
    wanted = ""
    for attempt in model.attempts:
        if attempt.probe.wanted != wanted:
            wanted = attempt.probe.wanted
            lines.append(Line([Cell(0, words.group(attempt.probe.wanted), tone="ink2")]))
        lines.append(_attempt(attempt))
    return still(lines, title)


def _table(model: RelayTableModel) -> Iterator[Line]:
    for number, rule in enumerate(model.rules[:_ROWS], 1):
        told = words.conditions(model.topology, rule)
        tone = Cell(620, words.decision(rule.decision), 30, "no" if rule.decision == "refuse" else "push", is_bold=True)
        yield Line([Cell(0, str(number), is_bold=True), Cell(28, told, 90), tone], "sunken")
    if (more := len(model.rules) - _ROWS) > 0:
        yield Line([Cell(28, _("… and {number} rows more").format(number=more), tone="ink2")])
    yield Line([Cell(0, "*"), Cell(28, _("everything else")), Cell(620, words.decision("refuse"), tone="no")], "sunken")


def _attempt(attempt: Attempt) -> Line:
    mark = {True: "✓", False: "!", None: "·"}[attempt.is_good]
    row = str(attempt.ruling.rule or "*") if attempt.ruling else ""
    said = words.code(attempt)
    return Line(
        [
            Cell(0, mark, is_bold=True),
            Cell(28, attempt.probe.title, 62),
            Cell(450, said, 12, "no" if said[:1] == "5" else "ink", is_mono=True),
            Cell(540, words.state(attempt), 26),
            Cell(760, _("row {row}").format(row=row) if row else "", 12, "ink2"),
        ],
        "no" if attempt.is_good is False else "",
    )
