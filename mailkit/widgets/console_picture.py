"""The console as data for the page: every label, every line, the states with their ways, what is legal.

Must not know: widgets, coordinates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailkit.locale import _
from mailkit.server.smtp_states import COMMANDS, END_OF_DATA
from mailkit.widgets.console_states import edges, loops, states, title
from mailkit.widgets.console_words import first, summary

if TYPE_CHECKING:
    from mailkit.widgets.console import ConsoleModel


_BESIDE_A_BOX = 7


def catalogue() -> dict[str, str]:
    """Every label that does not depend on the conversation."""
    return {
        "widget": _("Console"),
        "log": _("The conversation"),
        "line": _("Your line"),
        "hint": _("Enter sends it with CRLF; the arrow keys bring back earlier lines."),
        "send": _("Send line"),
        "reveal": _("Show what I type"),
        "hidden": _("A password: what you type is hidden."),
        "listen": _("Listen"),
        "reconnect": _("Reconnect"),
        "legal": _("Legal now: a button fills the line"),
        "later": _("Legal in this state, but not yet"),
        "states": _("States of {protocol}"),
        "here": _("you are here"),
        "leaves": _("{verbs} ends it, from: {states}"),
        "words": _("The same in words"),
        "C": _("you"),
        "S": _("server"),
    }


def picture(model: ConsoleModel) -> dict[str, Any]:
    """The whole console at this moment."""
    legal = [{"verb": one.verb, "fill": one.fill, "first": first(one)} for one in model.talk.legal()]
    return {
        "heading": model.heading,
        "protocol": model.protocol,
        "earlier": _("({count} earlier lines)").format(count=model.dropped) if model.dropped else "",
        "entries": [[entry.by, entry.text, entry.kind, entry.rfc] for entry in model.entries],
        "first_entry": model.dropped,
        "legal": legal,
        "summary": summary(model.talk),
        "states": [{"id": state, "title": title(state)} for state in states(model.protocol)],
        "edges": [[edge.start, edge.end, _written(edge.verbs)] for edge in edges(model.protocol)],
        "loops": [[edge.start, _some(edge.verbs)] for edge in loops(model.protocol)],
        "current": model.talk.state,
        "history": model.history,
        "hides": model.hides,
        "open": model.is_open,
        "text": model.text(),
    }


def _some(verbs: tuple[str, ...]) -> str:
    """So many as have room beside a box."""
    if len(verbs) <= _BESIDE_A_BOX:
        return _written(verbs)
    shown = _written(verbs[: _BESIDE_A_BOX - 1])
    return _("{verbs} and {number} more").format(verbs=shown, number=len(verbs) - _BESIDE_A_BOX + 1)


def _written(verbs: tuple[str, ...]) -> str:
    """A dot alone would be overlooked in a picture."""
    return ", ".join(COMMANDS[verb].syntax if verb == END_OF_DATA else verb for verb in verbs)
