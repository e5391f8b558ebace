"""The availability timeline as plain data for the browser, all of it text and numbers.

Must not know: pixels, traitlets. Times are seconds from where the timeline begins; the browser gets finished sentences.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from mailkit.locale import _, language
from mailkit.net.clock import MORNING
from mailkit.widgets import timeline_words as words
from mailkit.widgets.timeline_events import FIREWALL

if TYPE_CHECKING:
    from mailkit.widgets.timeline import Account, Lane, TimelineModel
    from mailkit.widgets.timeline_acts import Driver
    from mailkit.widgets.timeline_events import Event

Data = dict[str, Any]
MINUTE, HOUR, DAY = 60, 3600, 86400
STEPS = tuple(n * MINUTE for n in (5, 10, 15, 30)) + tuple(n * HOUR for n in (1, 2, 3, 6, 12)) + (DAY, 2 * DAY, 5 * DAY)
MOST_TICKS = 12
ADVANCES = (10 * MINUTE, 30 * MINUTE, HOUR, 6 * HOUR, DAY, 5 * DAY)
"""By how much the buttons move the clock."""


def catalogue() -> dict[str, str]:
    """Every label that does not depend on the run."""
    return {
        "widget": _("Availability timeline"),
        "lanes": _("Machines. Arrow keys go from one to the next."),
        "to": _("To"),
        "send": _("Send a letter"),
        "advance": _("Let time pass:"),
        "clock": _("Lab clock"),
        "on": _("on"),
        "off": _("off"),
        "switch_on": _("Switch on"),
        "switch_off": _("Switch off"),
        "fetch": _("Fetch mail"),
        "scrub": _("What had happened by then"),
        "back": _("Back"),
        "play": _("Play"),
        "next": _("Next"),
        "latest": _("Latest"),
        "now": _("now"),
        "plan": _("Plan a switching"),
        "machine": _("Machine"),
        "act": _("What"),
        "later": _("In"),
        "add": _("Plan it"),
        "forget": _("Forget the plans"),
        "accepted": _("accepted"),
        "waits": _("later (4xx), waits in the queue"),
        "no_answer": _("no answer"),
        "refused": _("refused"),
        "in_mailbox": _("in a mailbox"),
        "returned": _("returned"),
        "power": _("off, in a dashed band"),
        "letters": _("Letters"),
        "letter": _("For"),
        "way": _("Way"),
        "sent": _("Handed in"),
        "attempts": _("Attempts on"),
        "filed": _("In the mailbox"),
        "read": _("On a PC"),
        "state": _("Now"),
        "words": _("The same in words"),
        "empty": _("Nobody has called anybody yet. Send a letter, and let time pass."),
        "live": _("Live"),
        "recorded": _("Recorded run"),
    }


def picture(model: TimelineModel, driver: Driver, *, live: bool) -> Data:
    """The timeline as data."""
    return {
        "lang": language(),
        "live": live,
        "now": model.now - model.began,
        "end": model.end - model.began,
        "ticks": ticks(model),
        "clock": model.clock(model.now),
        "lanes": [_lane(model, driver, lane) for lane in model.lanes],
        "folded": _("Machines without a lane: {number}").format(number=model.folded) if model.folded else "",
        "events": [_event(model, event) for event in model.events],
        "sentences": [model.sentence(step) for step in range(model.last + 1)],
        "moments": [model.moment(step) - model.began for step in range(model.last + 1)],
        "plans": [_plan(model, plan.at, plan.host, on=plan.on) for plan in driver.plans],
        "due": None if model.due is None or model.due <= model.now else model.due - model.began,
        "letters": [_letter(model, account) for account in model.accounts],
        "recipients": driver.recipients() if driver.sender else [],
        "advances": [[seconds, duration(seconds)] for seconds in ADVANCES],
        "problem": driver.problem,
        "text": model.text(),
    }


def duration(seconds: int) -> str:
    """A span of time in words."""
    if seconds >= DAY:
        number = seconds // DAY
        return _("1 day") if number == 1 else _("{number} days").format(number=number)
    if seconds >= HOUR:
        number = seconds // HOUR
        return _("1 hour") if number == 1 else _("{number} hours").format(number=number)
    return _("{number} min").format(number=seconds // MINUTE)


def ticks(model: TimelineModel) -> list[tuple[float, str]]:
    """(seconds from the beginning, label) of the marks on the axis, at round times of day."""
    span = model.end - model.began
    step = next((step for step in STEPS if span / step <= MOST_TICKS), STEPS[-1])
    zone = MORNING.tzinfo
    midnight = datetime.fromtimestamp(model.began, zone).replace(hour=0, minute=0, second=0).timestamp()
    at = midnight + step * (-(-(model.began - midnight) // step))
    found = []
    while at <= model.end:
        when = datetime.fromtimestamp(at, zone)
        new_day = at > model.began and when.hour == when.minute == 0
        found.append((at - model.began, f"{when:%m-%d}" if new_day else f"{when:%H:%M}"))
        at += step
    return found


def _lane(model: TimelineModel, driver: Driver, lane: Lane) -> Data:
    def spans(found: Any) -> list[list[Any]]:
        return [
            [span.start - model.began, None if span.end is None else span.end - model.began, span.text]
            for span in found
            if span.host == lane.name
        ]

    return {
        "name": lane.name,
        "title": lane.title,
        "label": lane.label,
        "icon": lane.icon,
        "on": not model.is_off(lane.name),
        "fetches": lane.name != FIREWALL and bool(driver.boxes(lane.name)),
        "off": spans(model.off),
        "queue": spans(model.queued),
    }


def _event(model: TimelineModel, event: Event) -> Data:
    tone, icon = look(event)
    return {
        "at": event.at - model.began,
        "kind": event.kind,
        "from": event.source,
        "to": event.target,
        "outcome": event.outcome,
        "tone": tone,
        "icon": icon,
        "chip": words.chip(event),
        "like": "|".join(map(str, event.is_like)),
    }


_LOOKS = {
    "deferred": ("wait", "wait"), "refused": ("no", "no"), "rejected": ("no", "no"), "closed": ("no", "no"),
    "dropped": ("mute", "drop"), "off": ("mute", "drop"), "broken": ("mute", "drop"),
}  # fmt: skip


def look(event: Event) -> tuple[str, str]:
    """Colour and icon: success is quiet, each failure has a shape of its own."""
    if event.kind == "switch":
        return ("ink-2", "plug")
    if event.kind == "filed":
        return ("push", "mailbox")
    if event.kind in ("notice", "returned"):
        return ("no", "bounce")
    if event.outcome in _LOOKS:
        return _LOOKS[event.outcome]
    return ("pull", "tick") if event.kind == "fetch" else ("push", "tick")


def _plan(model: TimelineModel, at: float, host: str, *, on: bool) -> Data:
    sentence = _("{time} {host}: switch on") if on else _("{time} {host}: switch off")
    text = sentence.format(time=model.clock(at), host=model.title(host))
    return {"at": at - model.began, "host": host, "on": on, "text": text}


def _letter(model: TimelineModel, account: Account) -> Data:
    def time(at: float | None) -> str:
        return "–" if at is None else model.clock(at)

    return {
        "cells": [
            account.to,
            account.way,
            time(account.sent),
            str(account.attempts),
            time(account.filed),
            time(account.read),
        ],
        "state": account.state,
        "tone": account.tone,
    }
