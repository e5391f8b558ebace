"""The console as a static picture: the last lines of the conversation, and the states with the present one marked.

Must not know: browsers, what is typed. It is what a saved notebook shows where no kernel is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.widgets import svg as draw
from mailkit.widgets.console_states import edges, states, title
from mailkit.widgets.console_words import summary

if TYPE_CHECKING:
    from mailkit.widgets.console import ConsoleModel, Entry

LINES = 24
"""So many lines of the conversation are shown, the newest."""
_WIDTH, _TALK, _ROW, _TOP = 1020, 710, 22, 44
_BOX = (740, 150, 40, 34)
"""Left edge, width and height of a state's box, and the room below it."""


def console_svg(model: ConsoleModel) -> str:
    """The whole picture."""
    entries = model.entries[-LINES:]
    earlier = model.dropped + len(model.entries) - len(entries)
    marks = [draw.write(12, 24, draw.shortened(model.heading, _WIDTH - 24), draw.INK, 15, draw.SANS, draw.BOLD)]
    y = _TOP
    if earlier:
        text = _("({count} earlier lines)").format(count=earlier)
        marks.append(draw.write(20, y + 15, text, draw.INK_2, 12, draw.SANS))
        y += _ROW
    for entry in entries:
        marks.append(_line(entry, y))
        y += _ROW
    for text in summary(model.talk):
        marks.append(draw.write(12, y + 24, draw.shortened(text, _TALK - 12), draw.INK, 12, draw.SANS))
        y += _ROW
    height = max(y + 20, _TOP + len(states(model.protocol)) * (_BOX[2] + _BOX[3]))
    label = _("Console: {heading}").format(heading=model.heading)
    return draw.drawing(_WIDTH, height, label, [*marks, *_states(model)])


_ICONS = {"no": "no", "wait": "wait", "tls": "lock"}


def _line(entry: Entry, y: float) -> str:
    spoken = entry.by in ("C", "S")
    tone = draw.TONES.get(entry.kind, draw.PUSH if entry.by == "C" else draw.INK if entry.by == "S" else draw.INK_2)
    font = draw.MONO if spoken else draw.SANS
    who = {"C": _("you"), "S": _("server")}.get(entry.by, "")
    left = 130 if spoken else 152
    source = f" {entry.rfc}" if entry.rfc else ""
    text = draw.shortened(entry.text, _TALK - left - draw.breadth(source), spoken) + source
    bar = draw.path(f"M144 {y + 2}v18", draw.INK_2, 3) if entry.by == "why" else ""
    mark = draw.icon(_ICONS.get(entry.kind, ""), 108, y + 3, 15, tone)
    name = draw.write(20, y + 15, f"{entry.by} {who}", tone, 12, draw.SANS, draw.BOLD) if who else ""
    return bar + name + mark + draw.write(left, y + 15, text, tone, 12, font)


def _states(model: ConsoleModel) -> list[str]:
    left, width, height, gap = _BOX
    ways = {(edge.start, edge.end): ", ".join(edge.verbs) for edge in edges(model.protocol)}
    names, marks = states(model.protocol), []
    for number, state in enumerate(names):
        y = _TOP + number * (height + gap)
        here = state == model.talk.state
        frame = (draw.TINTS[draw.PUSH], draw.PUSH, 3) if here else (draw.PAPER, draw.EDGE, 1.5)
        marks.append(draw.box(left, y, width, height, frame[0], frame[1], f'rx="7" stroke-width="{frame[2]}"'))
        middle = f"{draw.MIDDLE} {draw.BOLD if here else ''}"
        marks.append(draw.write(left + width / 2, y + 25, title(state), draw.INK, 13, draw.SANS, middle))
        if here:
            marks.append(draw.write(left + width + 8, y + 25, f"◀ {_('you are here')}", draw.INK, 12, draw.SANS))
        if way := ways.get((state, names[number + 1]) if number + 1 < len(names) - 1 else ("", "")):
            marks.append(_way_down(left + width / 2, y + height, gap, way))
    return marks


def _way_down(x: float, y: float, length: float, verbs: str) -> str:
    tip = y + length
    head = draw.shape(f"M{x:g} {tip:g}l-5 -9h10z", draw.INK_2, "none")
    text = draw.shortened(verbs, _WIDTH - x - 20)
    return (
        draw.path(f"M{x:g} {y:g}V{tip - 8:g}", draw.INK_2, 1.5)
        + head
        + draw.write(x + 10, y + 21, text, draw.INK, 12, draw.SANS)
    )
