"""The eavesdropper as data for the page: labels, the ways with what each gives away, the chosen conversation.

Must not know: widgets, coordinates. The page gets finished sentences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailkit.locale import _, language
from mailkit.trace.dialogue import visible
from mailkit.widgets import eavesdropper_words as words
from mailkit.widgets.flow_words import badge
from mailkit.widgets.overheard import ALWAYS, SECRETS
from mailkit.widgets.overheard_runs import PORTS

if TYPE_CHECKING:
    from mailkit.widgets.eavesdropper import Column, EavesdropperModel, Heard
    from mailkit.widgets.overhearing import Sight

Data = dict[str, Any]
MOST = 200
"""Things of one conversation that are drawn; more are counted."""


def catalogue() -> dict[str, str]:
    """Every label that does not depend on a run."""
    return {
        "widget": _("Eavesdropper"),
        "protocol": _("What the mail program does"),
        "table": _("What he learns"),
        "secrets": _("What TLS is there to hide"),
        "always": _("What TLS does not hide"),
        "insists": _("The mail program insists on TLS"),
        "insists_hint": _("For STARTTLS stripped: without the offer, a careless program goes on in clear."),
        "all": _("Try all four"),
        "run": _("Run it"),
        "again": _("Run again"),
        "conversation": _("Conversation"),
        "wire": _("The wire"),
        "learnt": _("What he makes of it"),
        "line": _("line"),
        "decoded": _("Base64 is spelling, not a lock:"),
        "untried": _("not tried yet"),
        "empty": _("Nobody has listened yet. Run it, and what passes on the wire appears here."),
        "words": _("The same in words"),
        "C": _("client"),
        "S": _("server"),
    }


def picture(model: EavesdropperModel) -> Data:
    """Everything at this moment."""
    return {
        "lang": language(),
        "title": words.title(model.scene.topology, *model.ends),
        "honest": words.honest(),
        "protocols": [[key, words.protocol(key)] for key in PORTS],
        "items": [
            [title, [[item, words.item(item)] for item in items]]
            for title, items in (("secrets", SECRETS), ("always", ALWAYS))
        ],
        "ways": [_way(model, way) for way in model.columns()],
        "conversations": [[n, _call(model, n)] for n in reversed(model.conversations()[-MOST:])],
        "wire": _wire(model, model.column(model.way)),
        "text": model.text(),
    }


def _call(model: EavesdropperModel, number: int) -> str:
    flow = model.call(number).flow
    world = model.scene.topology
    return f"{badge(number)} {words.host(world, flow.client)} → {words.host(world, flow.server)} {flow.port}"


def _way(model: EavesdropperModel, way: Column) -> Data:
    """A column: its states by item, or none when nothing was heard."""
    column = model.column(way)
    heard = column.heard if column else None
    learnt = heard.learnt.values() if heard else ()
    number = badge(model.looked_at) if way == "yours" else ""
    return {
        "key": way,
        "title": words.way(way),
        "port": " ".join(filter(None, [number, model.service, str(model.port(way))])),
        "about": words.about(way),
        "states": {one.item: [one.state, words.state(one.state)] for one in learnt},
        "notes": column.run.notes if column and not heard else [],
    }


def _wire(model: EavesdropperModel, column: Heard | None) -> Data:
    """The chosen conversation; {} when nothing has run."""
    if column is None or column.heard is None:
        return {}
    heard = column.heard
    return {
        "heading": heard.heading,
        "notes": column.run.notes,
        "sights": [_sight(sight) for sight in heard.sights[:MOST]],
        "more": _more(len(heard.sights) - MOST),
        "learnt": {
            one.item: {"state": one.state, "word": words.state(one.state), "value": one.value, "where": one.where}
            for one in heard.learnt.values()
        },
    }


def _more(count: int) -> str:
    return _("… and {number} lines more").format(number=count) if count > 0 else ""


def _sight(sight: Sight) -> Data:
    return {
        "n": sight.number,
        "kind": sight.kind,
        "by": sight.by or "",
        "lines": list(sight.lines),
        "decoded": visible(sight.decoded),
        "secret": sight.secret,
    }
