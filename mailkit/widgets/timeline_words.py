"""The sentences of the availability timeline, in the learner's language.

Must not know: pixels, labs. Whatever came over the wire is made visible here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.trace.dialogue import service
from mailkit.widgets.flow_words import harmless

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.widgets.flow_words import Titles
    from mailkit.widgets.timeline import Account
    from mailkit.widgets.timeline_events import Event


def sentence(event: Event, titles: Titles) -> str:
    """Who did what, and what came of it."""
    host = titles(event.source)
    if event.kind == "switch":
        return (_("{host} is switched on.") if event.on else _("{host} is switched off.")).format(host=host)
    if event.kind == "filed":
        return harmless(_("{host} files the letter for {path}.").format(host=host, path=event.text))
    if event.kind == "notice":
        return harmless(_("{host} tells {path} that a letter came back.").format(host=host, path=event.text))
    if event.kind == "returned":
        return harmless(_("{host} gives the letter up: {reply}").format(host=host, reply=event.text))
    doing = _("{caller} calls {server}, port {port}:") if event.kind == "attempt" else _fetching()
    called = doing.format(caller=host, server=titles(event.target), port=event.port, service=service(event.port))
    return f"{called} {result(event)}"


def _fetching() -> str:
    return _("{caller} asks {server} for mail ({service}):")


def result(event: Event) -> str:
    """What came of a call, with the reply that decided."""
    rule = _("rule {rule}").format(rule=event.rule) if event.rule else _("no rule allows it")
    known = {
        "passed": _("done.") if event.kind == "fetch" else _("accepted."),
        "deferred": _("not now, come again later."),
        "refused": _("refused for good."),
        "dropped": _("no answer. The firewall dropped the call ({rule})."),
        "rejected": _("refused at once. The firewall rejects the call ({rule})."),
        "closed": _("refused at once. Nobody listens there."),
        "off": _("no answer. It is switched off."),
        "broken": _("the conversation broke off."),
    }
    words = known[event.outcome].format(rule=rule)
    shown = event.text if event.outcome in ("deferred", "refused") else ""
    return harmless(f"{words} {shown}".strip())


def chip(event: Event) -> str:
    """The same in a word or two, as beside a mark."""
    if event.kind == "switch":
        return _("on") if event.on else _("off")
    code = event.text[:3] if event.text[:3].isdigit() else ""
    words = {
        "filed": _("filed"),
        "notice": _("notice filed"),
        "returned": _("returned {code}"),
        "attempt passed": _("accepted"),
        "attempt deferred": _("later {code}"),
        "attempt refused": _("refused {code}"),
        "attempt dropped": _("dropped"),
        "attempt rejected": _("rejected"),
        "attempt closed": _("nobody listens"),
        "attempt off": _("off: no answer"),
        "attempt broken": _("broken off"),
        "fetch passed": _("fetched"),
        "fetch refused": _("refused"),
    }
    key = event.kind if event.kind in words else f"{event.kind} {event.outcome}"
    found = words.get(key) or words.get(f"attempt {event.outcome}", "")
    return found.format(code=code).strip()


def account(letter: Account, clock: Callable[[float], str]) -> str:
    """What became of one letter, in one line."""
    line = _("Letter for {to} ({way}), handed in {sent}, attempts to hand it on: {attempts}; {state}").format(
        to=letter.to, way=letter.way, sent=clock(letter.sent), attempts=letter.attempts, state=letter.state
    )
    times = []
    if letter.filed is not None:
        times.append(_("filed {time}").format(time=clock(letter.filed)))
    if letter.read is not None:
        times.append(_("read {time}").format(time=clock(letter.read)))
    return "; ".join([line, *times])
