"""The bench as one static picture: three columns of letters, for where no script runs.

Must not know: the model. It draws what the page's data say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailkit.locale import _
from mailkit.widgets.svg import BOLD, EDGE, INK, INK_2, MONO, PAPER, SANS, WAIT, box, cut, drawing, write

if TYPE_CHECKING:
    from collections.abc import Iterator

_WIDTH, _GAP, _TOP, _ROW, _PAD = 300, 16, 40, 18, 12
_MOST = 12
"""So many letters of a column are drawn."""

Line = tuple[str, str, int, str, str]
"""Text, colour, size, font, further attributes."""


def svg(data: dict[str, Any]) -> str:
    """Office PC, server, mobile PC, side by side."""
    office, mobile = (list(_pc(pc)) for pc in data["pcs"])
    columns = [office, list(_server(data["server"])), mobile]
    height = max(map(len, columns)) * _ROW + _TOP + 2 * _PAD + 12
    marks = [write(_GAP, 24, cut(data["title"], 100), INK, 14, SANS, BOLD)]
    for place, lines in enumerate(columns):
        marks.append(_column(_GAP + place * (_WIDTH + _GAP), lines, height - _TOP - 12, thick=place == 1))
    return drawing(3 * _WIDTH + 4 * _GAP, height, _("Two-PC bench"), marks)


def _column(x: int, lines: list[Line], height: int, *, thick: bool) -> str:
    marks = [box(x, _TOP, _WIDTH, height, PAPER, INK if thick else EDGE, f'rx="8" stroke-width="{2 if thick else 1}"')]
    for number, (text, colour, size, font, more) in enumerate(lines):
        marks.append(write(x + _PAD, _TOP + 20 + number * _ROW, cut(text, 44), colour, size, font, more))
    return "".join(marks)


def _pc(pc: dict[str, Any]) -> Iterator[Line]:
    yield pc["title"], INK, 13, SANS, BOLD
    yield f"{pc['standing'][2]} · {pc['heard']}", INK_2, 12, SANS, ""
    if pc["behind"]:
        yield pc["behind"], WAIT, 12, SANS, BOLD
    yield from _letters(pc["letters"], pc["more"])


def _server(server: dict[str, Any]) -> Iterator[Line]:
    yield server["title"], INK, 13, SANS, BOLD
    if server["lock"]:
        yield server["lock"][2], INK_2, 12, SANS, ""
    for who in server["visitors"][:4]:
        yield who, INK_2, 12, SANS, ""
    for folder in server["folders"][:4]:
        yield f"{folder['name']} {folder['count']}", INK, 12, MONO, BOLD
        yield from _letters(folder["letters"], folder["more"])
    yield server["note"], INK_2, 12, SANS, ""


def _letters(letters: list[dict[str, Any]], more: str) -> Iterator[Line]:
    if more:
        yield more, INK_2, 12, SANS, ""
    for letter in letters[-_MOST:]:
        weight = BOLD if "new" in letter["kind"] else ""
        struck = ' text-decoration="line-through"' if "gone" in letter["kind"] else ""
        uid = f"{letter['uid']}  " if "uid" in letter else ""
        yield f"{uid}{letter['subject']}", INK, 12, SANS, weight + struck
        if letter["chips"]:
            colour = WAIT if "stale" in letter["kind"] else INK_2
            yield "   " + ", ".join(chip[2] for chip in letter["chips"]), colour, 12, SANS, ""
