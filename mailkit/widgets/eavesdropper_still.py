"""The eavesdropper as a static picture: what each way gives away, and below it the chosen conversation.

Must not know: SVG (`still.py`), browsers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.widgets import eavesdropper_words as words
from mailkit.widgets.overheard import ALWAYS, SECRETS
from mailkit.widgets.still import Cell, Line, still

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailkit.widgets.eavesdropper import EavesdropperModel
    from mailkit.widgets.overheard import Item
    from mailkit.widgets.overhearing import Sight

_LINES, _FIRST, _ROOM = 40, 140, 735


def svg(model: EavesdropperModel) -> str:
    """The whole picture."""
    title = words.title(model.scene.topology, *model.ends)
    ways = model.columns()
    step = _ROOM // len(ways)
    heads = [Cell(_FIRST + step * n, words.way(way), 20, is_bold=True) for n, way in enumerate(ways)]
    lines = [Line([Cell(0, title, is_bold=True)]), Line(heads, "sunken")]
    lines += [_row(model, item) for item in (*SECRETS, *ALWAYS)]
    lines += [Line([Cell(0, words.honest(), tone="ink2")]), *_wire(model)]
    return still(lines, title)


def _row(model: EavesdropperModel, item: Item) -> Line:
    cells = [Cell(0, words.item(item), 28)]
    for place, way in enumerate(model.columns()):
        column = model.column(way)
        x = _FIRST + _ROOM // len(model.columns()) * place
        if column is None or column.heard is None:
            cells.append(Cell(x, "·", tone="ink2"))
            continue
        state = column.heard.learnt[item].state
        mark = {"seen": "✓", "hidden": "✗", "unsaid": "–", "none": "–"}[state]
        lost = state == "seen" and item in SECRETS
        cells.append(Cell(x, f"{mark} {words.state(state)}", 20, "no" if lost else "ink", is_bold=lost))
    return Line(cells)


def _wire(model: EavesdropperModel) -> Iterator[Line]:
    column = model.column(model.way)
    if column is None or column.heard is None:
        return
    yield Line([Cell(0, f"{words.way(model.way)}. {column.heard.heading}", 120, is_bold=True)])
    for sight in column.heard.sights[:_LINES]:
        yield from _sight(sight)
    if (more := len(column.heard.sights) - _LINES) > 0:
        yield Line([Cell(44, _("… and {number} lines more").format(number=more), tone="ink2")])


def _sight(sight: Sight) -> Iterator[Line]:
    is_tube = sight.kind in ("noise", "tls")
    for place, text in enumerate(sight.lines[:6]):
        number = Cell(0, "" if place else str(sight.number), tone="ink2")
        said = Cell(68, text, 108, "no" if sight.kind == "fault" else "ink", is_mono=sight.kind in ("line", "message"))
        yield Line([number, Cell(44, sight.by or "", is_bold=True), said], "sunken" if is_tube else "")
    if sight.decoded:
        yield Line([Cell(68, f"= {words.decoded(sight)}", 108, "no")])
