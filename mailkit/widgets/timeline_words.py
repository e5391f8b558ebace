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
    from mailkit.widgets.hop import Outcome
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
    words = _outcome(event)
    if event.outcome in ("dropped", "rejected"):
        words = words.format(rule=_("rule {rule}").format(rule=event.rule) if event.rule else _("no rule allows it"))
    shown = event.text if event.outcome in ("deferred", "refused") else ""
    return harmless(f"{words} {shown}".strip())


def _outcome(event: Event) -> str:
    # One of them is looked up, not a table of all: a run of days has hundreds of attempts.
    match event.outcome:
        case "passed":
            return _("done.") if event.kind == "fetch" else _("accepted.")
        case "deferred":
            return _("not now, come again later.")
        case "refused":
            return _("refused for good.")
        case "dropped":
            return _("no answer. The firewall dropped the call ({rule}).")
        case "rejected":
            return _("refused at once. The firewall rejects the call ({rule}).")
        case "closed":
            return _("refused at once. Nobody listens there.")
        case "off":
            return _("no answer. It is switched off.")
        case "broken":
            return _("the conversation broke off.")


def chip(event: Event) -> str:
    """The same in a word or two, as beside a mark."""
    code = event.text[:3] if event.text[:3].isdigit() else ""
    match event.kind, event.outcome:
        case "switch", _outcome:
            return _("on") if event.on else _("off")
        case "filed", _outcome:
            return _("filed")
        case "notice", _outcome:
            return _("notice filed")
        case "returned", _outcome:
            return _("returned {code}").format(code=code).strip()
        case "fetch", "passed":
            return _("fetched")
        case _kind, outcome:
            return _called(outcome).format(code=code).strip()


def _called(outcome: Outcome) -> str:
    match outcome:
        case "passed":
            return _("accepted")
        case "deferred":
            return _("later {code}")
        case "refused":
            return _("refused {code}")
        case "dropped":
            return _("dropped")
        case "rejected":
            return _("rejected")
        case "closed":
            return _("nobody listens")
        case "off":
            return _("off: no answer")
        case "broken":
            return _("broken off")


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
