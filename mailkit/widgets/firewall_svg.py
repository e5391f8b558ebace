"""The firewall designer as one SVG: a static picture on its own paper, with the light colours as they are.

Must not know: browsers, what is open or has the focus. Every name is escaped text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.widgets import firewall_words as words
from mailkit.widgets import svg as draw
from mailkit.widgets.firewall_calls import mark
from mailkit.widgets.firewall_fold import cells_of
from mailkit.widgets.firewall_heat import judged

if TYPE_CHECKING:
    from mailkit.widgets.firewall_design import FirewallModel
    from mailkit.widgets.firewall_fold import Row, Table

_LOOKS = {
    "accept": (draw.PUSH, draw.TINTS[draw.PUSH], "✓"),
    "closed": (draw.PUSH, draw.PAPER, "→|"),
    "reject": (draw.NO, draw.TINTS[draw.NO], "⊘"),
    "drop": (draw.MUTE, draw.PAPER, "- ×"),
    "off": (draw.MUTE, draw.PAPER, "- ×"),
}
"""Ink, ground and sign."""
_WIDTH, _PAD, _ROW, _HEAD, _NAME = 860, 16, 24, 58, 190
_LONGEST = 118


def svg(model: FirewallModel) -> str:
    """Rules, heat-map and trials, from top to bottom."""
    marks: list[str] = []
    y = _title(marks, _PAD, _("Firewall designer: {summary}").format(summary=words.summary(model)))
    for number, rule in enumerate(model.rules, 1):
        y = _line(marks, y, f"{number}  {words.rule_line(model, rule)}")
    y = _line(marks, y, f"∗  {_('everything else')}: {words.action(model.default)}")
    table = model.table
    y = _heads(marks, y + 12, model, table)
    for row in table.rows:
        y = _cells(marks, y, model, row, table)
    y += 12
    for trial in model.trials:
        result = model.results.get(trial.key)
        if result is not None and trial.key in model.fresh:
            y = _trial(marks, y, words.shown(trial.title), result.ending.word, result.ending.passed)
    return draw.drawing(_WIDTH, y + _PAD, _("Firewall designer"), marks)


def _write(x: float, y: float, text: str, fill: str = draw.INK, more: str = "") -> str:
    return draw.write(x, y, draw.cut(text, _LONGEST), fill, 12, draw.SANS, more)


def _title(marks: list[str], y: int, text: str) -> int:
    marks.append(_write(_PAD, y + 14, text, more=draw.BOLD))
    return y + 26


def _line(marks: list[str], y: int, text: str) -> int:
    marks.append(_write(_PAD, y + 14, text))
    return y + 20


def _step(table: Table) -> float:
    return (_WIDTH - 2 * _PAD - _NAME) / max(1, len(table.columns))


def _heads(marks: list[str], y: int, model: FirewallModel, table: Table) -> int:
    """Host and ports above each column, turned where the column is narrow."""
    step = _step(table)
    most = max(4, int(step / 7))
    for number, column in enumerate(table.columns):
        x = _PAD + _NAME + step * (number + 0.5)
        text = f"{words.hosts(model, column.hosts, column.zone)} {words.ports(column)}"
        lines = [text[at : at + most] for at in range(0, min(len(text), 4 * most), most)]
        marks += [_write(x, y + 12 + 13 * n, line, draw.INK_2, draw.MIDDLE) for n, line in enumerate(lines)]
    return y + _HEAD


def _cells(marks: list[str], y: int, model: FirewallModel, row: Row, table: Table) -> int:
    step = _step(table)
    marks.append(_write(_PAD, y + 16, words.hosts(model, row.hosts, row.zone)[:28]))
    for number, column in enumerate(table.columns):
        cells = cells_of(row, column)
        if cells:
            found = model.heat.tried.get(cells[0], model.heat.believed[cells[0]])
            wrong = any(judged(model.site, cell, found) for cell in cells)
            sign = mark(found.rule, words.is_inside(model, cells[0]))
            marks.append(_cell(_PAD + _NAME + step * number, y, step, found.verdict, sign, wrong))
    return y + _ROW


def _cell(x: float, y: float, step: float, verdict: str, sign: str, wrong: bool) -> str:
    ink, ground, shape = _LOOKS[verdict]
    edge = (draw.NO, 'rx="3" stroke-width="2.5"') if wrong else (draw.LINE, 'rx="3"')
    box = draw.box(x + 2, y + 1, step - 4, _ROW - 3, ground, *edge)
    text = f"{shape} {sign}" + (" !" if wrong else "")
    return box + _write(x + step / 2, y + 16, text, ink, draw.MIDDLE)


def _trial(marks: list[str], y: int, title: str, word: str, passed: bool) -> int:
    sign = "✓" if passed else "!"
    marks.append(_write(_PAD, y + 14, f"{sign} {title}: {word}", draw.INK if passed else draw.NO))
    return y + 20
