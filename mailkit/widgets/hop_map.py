"""The model of the hop map: the hops of one message, its `Received` fields as a ladder, which of them is open.

Must not know: traitlets, browsers, sentences (`hop_words.py`), how fields and hops are joined (`hop_trace.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.mail.envelope import header_fields
from mailkit.trace.dialogue import lines
from mailkit.trace.transcript import Transcript
from mailkit.widgets import hop_words
from mailkit.widgets.flow_map import FlowMapModel
from mailkit.widgets.hop_trace import Tracer

if TYPE_CHECKING:
    from mailkit.lab.topology import Topology
    from mailkit.mail.mailbox import Message
    from mailkit.trace.dialogue import Line
    from mailkit.trace.transcript import Flow
    from mailkit.widgets.flow_map import HostKind
    from mailkit.widgets.hop_trace import Leg, Rung

MOST_LINES = 60
"""Lines of a conversation that are shown; the ladder has them all."""


class HopMapModel:
    """`trips` are the ways. What is open is `selected`: a hop by its number, a field of nobody by minus its place."""

    def __init__(self, topology: Topology, transcript: Transcript, message: Message | bytes) -> None:
        self._transcript = transcript
        # The map knows who is a server, who a PC; of the run it is told nothing.
        self._world = FlowMapModel(topology, Transcript())
        self._kinds = {station.name: station.kind for station in self._world.stations}
        self.raw = message if isinstance(message, bytes) else message.raw
        self.trips = Tracer(topology, transcript).trips(message)
        self._flows = {flow: number for number, flow in enumerate(transcript.flows(), 1)}
        self.selected = 0

    # -- what there is

    def title(self, host: str) -> str:
        """A host's name for people."""
        return self._world.title(host)

    def kind(self, host: str) -> HostKind:
        """What it is."""
        return self._kinds.get(host, "pc")

    @property
    def legs(self) -> list[Leg]:
        """All hops in the order of time; those of a letter that failed come before those of the notice."""
        return [leg for trip in self.trips for leg in trip.legs]

    @property
    def rungs(self) -> list[Rung]:
        """The message's own fields, from the top."""
        return list(self.trips[-1].rungs)

    @property
    def forged(self) -> list[Rung]:
        """The fields of the message that no server of the lab wrote."""
        return [rung for rung in self.rungs if not rung.leg]

    @property
    def subject(self) -> str:
        """As it stands in the message."""
        return next((value for name, value in header_fields(self.raw) if name.strip().lower() == "subject"), "")

    def number_of(self, flow: Flow) -> int:
        """The number of a conversation in the transcript, from 1."""
        return self._flows.get(flow, 0)

    # -- what is open

    def select(self, number: int) -> None:
        """Open a hop, or a field of nobody; 0 closes, and so does what is not there."""
        hops = [leg.number for leg in self.legs]
        nobodys = [-rung.place for rung in self.forged]
        self.selected = number if number in (*hops, *nobodys) else 0

    @property
    def leg(self) -> Leg | None:
        """The open hop."""
        return next((leg for leg in self.legs if leg.number == self.selected), None)

    @property
    def rung(self) -> Rung | None:
        """The field that belongs to what is open."""
        if self.selected < 0:
            return next((rung for rung in self.forged if rung.place == -self.selected), None)
        found = (rung for trip in self.trips for rung in trip.rungs if self.selected and rung.leg == self.selected)
        return next(found, None)

    def conversation(self) -> list[Line]:
        """What was said in the open hop, secrets masked; of a long conversation, what was said of this message."""
        if self.leg is None or self.leg.flow is None:
            return []
        said = lines(self._transcript, self.leg.flow)
        if len(said) <= MOST_LINES or self.leg.stop is None:
            return said
        taken = f" {self.leg.stop.queue_id}"
        end = next((at for at, line in enumerate(said) if line.by == "S" and line.text.endswith(taken)), len(said) - 1)
        begins = (at for at in range(end, -1, -1) if said[at].by == "C" and said[at].text[:5].upper() == "MAIL ")
        return said[next(begins, 0) : end + 1]

    # -- words

    def text(self) -> str:
        """Everything that the widget shows."""
        return hop_words.text(self)
