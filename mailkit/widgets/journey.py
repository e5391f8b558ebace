"""Follows a message through the servers' own records: which conversation brought it where, and what became of it.

Must not know: header fields, which anybody can write. Queue ids and flows alone join one stop to the next.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from mailkit.trace.transcript import Handled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mailkit.trace.transcript import Flow, Record

_BOUNCE = "bounce of "


class Stop(NamedTuple):
    """A server that has had a message, and the queue id that it gave it."""

    host: str
    queue_id: str


class Filed(NamedTuple):
    """A copy that was put into a mailbox. `bounce_of` is the queue id whose failure it tells, "" for a letter."""

    address: str
    uid: int
    stop: Stop
    bounce_of: str


class Journeys:
    """The records of a run, joined stop by stop, forwards and backwards."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._acts: dict[Stop, list[tuple[int, Handled]]] = defaultdict(list)
        self._brought: dict[Flow, list[tuple[int, Stop]]] = defaultdict(list)
        self._took: dict[Flow, list[Stop]] = defaultdict(list)
        for index, record in enumerate(records):
            if isinstance(record, Handled):
                self._sort_in(index, record)

    def _sort_in(self, index: int, record: Handled) -> None:
        stop = Stop(record.host, record.queue_id)
        self._acts[stop].append((index, record))
        if record.act == "queued" and record.flow is not None:
            self._brought[record.flow].append((index, stop))
        if record.act == "relayed" and record.flow is not None:
            self._took[record.flow].append(stop)

    @property
    def stops(self) -> list[Stop]:
        """Every server with everything that it has had, in the order in which it came."""
        return list(self._acts)

    # -- one stop

    def acts(self, stop: Stop) -> list[tuple[int, Handled]]:
        """What the server did with it, each with its place in the transcript."""
        return self._acts.get(stop, [])

    def brought_by(self, stop: Stop) -> Flow | None:
        """The conversation in which it came; None for a notice that the server wrote itself."""
        return next((record.flow for _, record in self.acts(stop) if record.act == "queued"), None)

    def queued_at(self, stop: Stop) -> int:
        """The place in the transcript where it was queued; -1: it never was."""
        return next((index for index, record in self.acts(stop) if record.act == "queued"), -1)

    def bounce_of(self, stop: Stop) -> str:
        """The queue id whose failure this notice tells; "" for a letter."""
        queued = next((record for _, record in self.acts(stop) if record.act == "queued"), None)
        if queued is None or queued.flow is not None or not queued.detail.startswith(_BOUNCE):
            return ""
        return queued.detail.removeprefix(_BOUNCE)

    # -- the way

    def back(self, last: Stop) -> list[Stop]:
        """All stops up to `last`, the first one first."""
        way = [last]
        while (flow := self.brought_by(way[-1])) is not None:
            earlier = [stop for stop in self._took.get(flow, []) if stop not in way]
            if not earlier:
                break
            way.append(earlier[0])
        return way[::-1]

    def brought(self, flow: Flow, within: range) -> list[Stop]:
        """The stops that a conversation made, where the record of it is at one of these places."""
        return list(dict.fromkeys(stop for index, stop in self._brought.get(flow, []) if index in within))

    def onward(self, stops: Iterable[Stop]) -> Iterator[Stop]:
        """These stops, all that follow them, and the notices of their failures."""
        waiting, seen = list(stops), set[Stop]()
        while waiting:
            stop = waiting.pop(0)
            if stop in seen:
                continue
            seen.add(stop)
            yield stop
            taken = [record for _, record in self.acts(stop) if record.act == "relayed" and record.flow]
            waiting += [on for record in taken if record.flow for _, on in self._brought.get(record.flow, [])]
            waiting += self._notices(stop)

    def _notices(self, stop: Stop) -> list[Stop]:
        if not any(record.act == "bounced" for _, record in self.acts(stop)):
            return []
        return [o for o in self._acts if o.host == stop.host and self.bounce_of(o) == stop.queue_id]

    def filed(self, stops: Iterable[Stop]) -> list[Filed]:
        """What was put into mailboxes at these stops, in the order of time."""
        found: list[tuple[int, Filed]] = []
        for stop in stops:
            for index, record in self.acts(stop):
                if record.act == "filed":
                    address, _, uid = record.detail.rsplit(" ", 2)
                    found.append((index, Filed(address, int(uid), stop, self.bounce_of(stop))))
        return [filed for _, filed in sorted(found, key=lambda one: one[0])]
