"""What happened on the lab's clock, read from a transcript: attempts, fetches, arrivals, returns, switchings.

Must not know: sentences, pixels, how a letter goes from one host to the next (`route.py`).
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Literal, NamedTuple

from mailkit.trace.dialogue import service
from mailkit.trace.transcript import Switched
from mailkit.widgets.fetches import refusal
from mailkit.widgets.route import DIALS, by_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mailkit.trace.transcript import Dialled, Flow
    from mailkit.widgets.hop import Outcome
    from mailkit.widgets.route import Run

EventKind = Literal["attempt", "fetch", "filed", "notice", "returned", "switch"]
FIREWALL = ""
"""The name under which the firewall is switched."""


class Event(NamedTuple):
    """One thing that happened. `place` is where in the transcript it was decided.

    attempt: `source` called `target` to hand a letter over. fetch: to get mail. filed: a letter, notice: a bounce,
    came into a mailbox at `source`. returned: `source` gave a letter up. switch: `on` says which way.
    """

    place: int
    at: float
    kind: EventKind
    source: str
    target: str = ""
    port: int = 0
    outcome: Outcome = "passed"
    rule: int | None = None
    text: str = ""
    on: bool = True

    @property
    def is_like(self) -> tuple[object, ...]:
        """What repeats when the same attempt is made again; attempts alone repeat."""
        key = (self.kind, self.source, self.target, self.port, self.outcome, self.text)
        return key if self.kind == "attempt" else (*key, self.place)


class Span(NamedTuple):
    """A time at a host, up to `end` or, None, up to now."""

    host: str
    start: float
    end: float | None
    text: str = ""


def events(run: Run) -> list[Event]:
    """All of them, in the order in which they were decided."""
    found = chain(_calls(run), _handled(run), _switched(run))
    return sorted(found, key=lambda event: event.place)


def _calls(run: Run) -> Iterator[Event]:
    for flow, (place, call) in run.dialled.items():
        if service(flow.port) == "SMTP":
            for made in run.attempts(flow):
                outcome = DIALS.get(call.verdict) or by_code(made.reply)
                yield Event(
                    made.ended, made.at, "attempt", flow.client, flow.server, flow.port, outcome, call.rule, made.reply
                )
        elif service(flow.port) in ("POP3", "IMAP4"):
            yield _fetch(run, flow, place, call)


def _fetch(run: Run, flow: Flow, place: int, call: Dialled) -> Event:
    spoken = run.spoken(flow)
    reply = refusal(spoken)
    ended, at = (spoken[-1][0], spoken[-1][1].at) if spoken else (place, call.at)
    outcome: Outcome = DIALS.get(call.verdict) or ("refused" if reply else "passed")
    return Event(ended, at, "fetch", flow.client, flow.server, flow.port, outcome, call.rule, reply)


def _handled(run: Run) -> Iterator[Event]:
    for place, record in run.handled:
        if record.act == "filed":
            kind: EventKind = "filed" if record.reverse_path else "notice"
            yield Event(place, record.at, kind, record.host, text=record.recipient)
        elif record.act == "bounced":
            yield Event(place, record.at, "returned", record.host, outcome="refused", text=record.detail)


def _switched(run: Run) -> Iterator[Event]:
    for place, record in enumerate(run.records):
        if isinstance(record, Switched):
            yield Event(place, record.at, "switch", record.host, on=record.on)


def off_spans(run: Run) -> list[Span]:
    """When each host, or the firewall, was off."""
    spans: list[Span] = []
    begun: dict[str, float] = {}
    for record in run.records:
        if isinstance(record, Switched):
            if not record.on:
                begun[record.host] = record.at
            elif record.host in begun:
                spans.append(Span(record.host, begun.pop(record.host), record.at))
    return spans + [Span(host, start, None) for host, start in begun.items()]


def queue_spans(run: Run) -> list[Span]:
    """When a letter waited in a queue, under its queue id; one that went on at once did not wait."""
    waiting: dict[tuple[str, str], tuple[float, set[str]]] = {}
    spans: list[Span] = []
    for _place, record in run.handled:
        key = (record.host, record.queue_id)
        if record.act == "queued":
            waiting.setdefault(key, (record.at, set()))[1].add(record.recipient)
        elif record.act != "deferred" and key in waiting:
            start, recipients = waiting[key]
            recipients.discard(record.recipient)
            if not recipients:
                del waiting[key]
                if record.at > start:
                    spans.append(Span(record.host, start, record.at, record.queue_id))
    return spans + [Span(host, start, None, queue_id) for (host, queue_id), (start, _left) in waiting.items()]


def grouped(found: Iterable[Event]) -> list[list[Event]]:
    """The same attempts made again and again as one group, until something else than an attempt comes between."""
    groups: list[list[Event]] = []
    open_groups: dict[tuple[object, ...], list[Event]] = {}
    for event in found:
        if event.kind != "attempt":
            open_groups.clear()
        group = open_groups.get(event.is_like)
        if group is None:
            group = open_groups[event.is_like] = []
            groups.append(group)
        group.append(event)
    return groups
