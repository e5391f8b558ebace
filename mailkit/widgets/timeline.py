"""The model of the availability timeline: lanes, what happened on them, what is still to come, each letter's account.

Must not know: traitlets, browsers, pixels, how a lab is made to do something (`timeline_acts.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from mailkit.lab.exposure import ATTACKER
from mailkit.locale import _
from mailkit.widgets import flow_words, timeline_words
from mailkit.widgets.flow_stations import stations
from mailkit.widgets.route import Run
from mailkit.widgets.timeline_events import FIREWALL, events, grouped, off_spans, queue_spans

if TYPE_CHECKING:
    from mailkit.lab.topology import Topology
    from mailkit.lab.waiting import Waiting
    from mailkit.net.clock import Clock
    from mailkit.trace.transcript import Transcript
    from mailkit.widgets.flow_stations import Station
    from mailkit.widgets.hop import Hop, Letter
    from mailkit.widgets.timeline_events import Event

MOST_LANES, MOST_LINES = 12, 200
HOUR = 3600.0


class World(Protocol):
    """What is read of a lab."""

    @property
    def topology(self) -> Topology: ...
    @property
    def transcript(self) -> Transcript: ...
    @property
    def clock(self) -> Clock: ...
    def queue(self, server: str) -> Waiting: ...


class Lane(NamedTuple):
    """A machine, or the firewall (name "")."""

    name: str
    title: str
    label: str
    icon: str


class Account(NamedTuple):
    """What became of one letter. `way`: the machines that it came to; `waits`: when it is tried next."""

    to: str
    way: str
    sent: float
    attempts: int
    state: str
    tone: str
    filed: float | None
    read: float | None


class TimelineModel:
    """One reading of a lab; make another when the lab has gone on. Step 0 is before the first event."""

    def __init__(self, world: World, chosen: tuple[str, ...] = ()) -> None:
        self.topology, self._world = world.topology, world
        self.now = world.clock.seconds()
        self._run = Run(world.topology, world.transcript)
        self.records = len(self._run.records)
        self.events = events(self._run)
        self.off, self.queued = off_spans(self._run), queue_spans(self._run)
        self._chosen = chosen
        self._stations = {station.name: station for station in stations(world.topology, self._run.middlemen)}
        self.due = min((entry.due for host in self._hosts_with_queue() for entry in world.queue(host)), default=None)
        self.lanes = self._lanes()

    def _hosts_with_queue(self) -> list[str]:
        return [server.host for server in self.topology.servers]

    # -- what there is

    @property
    def last(self) -> int:
        """The number of events."""
        return len(self.events)

    @property
    def began(self) -> float:
        """Where the timeline begins."""
        return self._run.records[0].at if self._run.records else self.now

    @property
    def end(self) -> float:
        """Where it ends: now, or a little later when something is to come; at least an hour."""
        return max(self.now, self.due or 0.0, self.began + HOUR)

    @property
    def has_firewall(self) -> bool:
        """Whether there is a border that somebody might not be let across."""
        return len(self.topology.zones) > 1

    def is_off(self, host: str) -> bool:
        """Whether it is off now."""
        return any(span.host == host and span.end is None for span in self.off)

    def title(self, name: str) -> str:
        """A machine's name for people."""
        if name == FIREWALL:
            return _("The firewall")
        station = self._stations.get(name)
        return station.title if station else name

    def _lanes(self) -> list[Lane]:
        """The chosen hosts, else those that matter; the firewall stands where a zone begins that it has guarded."""
        names = [name for name in self._stations if not self._chosen or name in self._chosen]
        if not self._chosen:
            names = self._that_matter()
        lanes = [self._lane(self._stations[name]) for name in names]
        if self.has_firewall:
            lanes.insert(self._place_of_firewall(names), Lane(FIREWALL, _("Firewall"), "", "firewall"))
        return lanes

    def _lane(self, station: Station) -> Lane:
        return Lane(station.name, station.title, station.label, station.icon)

    def _that_matter(self) -> list[str]:
        active = {name for event in self.events for name in (event.source, event.target)}
        kept = [s for s in self._stations.values() if s.kind != "dns" and (s.name != ATTACKER or s.name in active)]
        first = sorted(kept, key=lambda s: (s.name not in active, s.kind != "server"))[:MOST_LANES]
        return [station.name for station in kept if station in first]

    def _place_of_firewall(self, names: list[str]) -> int:
        """Before the first machine of the last zone: what comes from outside meets it on the way."""
        zones = [self._stations[name].zone for name in names]
        return zones.index(zones[-1]) if zones else 0

    @property
    def folded(self) -> int:
        """How many machines have no lane."""
        return sum(s.kind != "dns" for s in self._stations.values()) - sum(lane.name != FIREWALL for lane in self.lanes)

    # -- time

    def clock(self, at: float) -> str:
        """A time on the lab's clock, with the date when it is another day than the first."""
        return flow_words.clock(at, self.began)

    def moment(self, step: int) -> float:
        """The time at a step; the last step is the present."""
        if step >= self.last:
            return self.now
        return self.events[step - 1].at if step > 0 else self.began

    # -- letters

    @property
    def accounts(self) -> list[Account]:
        """What became of each letter, in the order in which they were handed in."""
        return [self._account(letter) for letter in self._run.letters]

    def _account(self, letter: Letter) -> Account:
        hops = self._run.hops(letter)
        said = letter.transaction
        paths = [*said.forward_paths, *(path for path, _reply in said.refused_paths)]
        way = dict.fromkeys([hops[0].source, *(hop.server for hop in hops if hop.kind != "pick-up" and hop.server)])
        filed = self._filed_at(hops)
        read = min((hop.at for hop in hops if hop.kind == "pick-up" and hop.outcome == "passed"), default=None)
        state, tone = self._state(hops, filed, read)
        return Account(
            flow_words.harmless(", ".join(path.strip("<>") for path in paths)) or "–",
            " → ".join(map(self.title, way)),
            hops[0].at,
            sum(hop.attempts for hop in hops if hop.kind == "relay"),
            state,
            tone,
            filed,
            read,
        )

    def _filed_at(self, hops: list[Hop]) -> float | None:
        stops = {(hop.server, hop.queue_id) for hop in hops if hop.queue_id}
        filed = (record for _place, record in self._run.handled if record.act == "filed")
        return min((record.at for record in filed if (record.host, record.queue_id) in stops), default=None)

    def _state(self, hops: list[Hop], filed: float | None, read: float | None) -> tuple[str, str]:
        """In a few words, and which colour carries them."""
        last = next((hop for hop in reversed(hops) if hop.kind != "pick-up"), hops[-1])
        if read is not None:
            return _("read on a PC"), "pull"
        if filed is not None:
            return _("in the mailbox"), "push"
        if last.act == "bounced":
            return _("returned to the sender"), "no"
        if last.outcome == "passed" or last.act == "deferred":
            return self._waiting(last), "wait"
        return flow_words.outcome(last), "no"

    def _waiting(self, last: Hop) -> str:
        waiting = (entry for host in self._hosts_with_queue() for entry in self._world.queue(host))
        due = next((entry.due for entry in waiting if entry.queue_id == last.queue_id), None)
        return _("in a queue") if due is None else _("waits; tried again at {time}").format(time=self.clock(due))

    # -- words

    def sentence(self, step: int) -> str:
        """What happened at a step."""
        if not self.events:
            return _("Nothing has happened yet.")
        if step == 0:
            return _("{time} Before anything happened.").format(time=self.clock(self.began))
        event = self.events[step - 1]
        return f"{self.clock(event.at)} {timeline_words.sentence(event, self.title)}"

    def text(self) -> str:
        """All of it in words, exact and the same each time; the same attempt made again and again is one line."""
        head = _("Availability timeline. The lab's clock is at {now}.").format(now=self.clock(self.now))
        told = [self._line(group) for group in grouped(self.events)] or [_("Nothing has happened yet.")]
        cut = [_("The last {number} lines:").format(number=MOST_LINES)] if len(told) > MOST_LINES else []
        accounts = [timeline_words.account(account, self.clock) for account in self.accounts]
        return "\n".join([head, *self._text_of_power(), *cut, *told[-MOST_LINES:], *accounts])

    def _line(self, group: list[Event]) -> str:
        first, last = group[0], group[-1]
        told = timeline_words.sentence(first, self.title)
        if len(group) == 1:
            return f"{self.clock(first.at)} {told}"
        times = _("{first} to {last}, {number} times:").format(
            first=self.clock(first.at), last=self.clock(last.at), number=len(group)
        )
        return f"{times} {told}"

    def _text_of_power(self) -> list[str]:
        off = [self.title(span.host) for span in self.off if span.end is None]
        return [_("Switched off now: {machines}").format(machines=", ".join(off))] if off else []
