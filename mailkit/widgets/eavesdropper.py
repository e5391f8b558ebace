"""The model of the eavesdropper: conversations as somebody on the wire has them, side by side.

Must not know: traitlets, browsers, how a run is made. A lab that is given is only read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, NoReturn

from mailkit.locale import _
from mailkit.trace.dialogue import service
from mailkit.trace.transcript import Dialled
from mailkit.widgets import eavesdropper_words as words
from mailkit.widgets.overheard import ALWAYS, SECRETS, Overheard, overheard
from mailkit.widgets.overheard_runs import PORTS, WAYS, Run, Service, Way, make, scene

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mailkit.widgets.mail_flow_map import Recorded
    from mailkit.widgets.overheard import Item
    from mailkit.widgets.overhearing import Sight

Column = Way | Literal["yours"]
"""What stands beside each other: a conversation of the given lab, and the runs that are made here."""
TEXT_LINES = 60
"""Lines of one conversation in the text view."""


class Heard(NamedTuple):
    """One run and what was heard of it; `heard` is None where it could not be made."""

    run: Run
    heard: Overheard | None


class EavesdropperModel:
    """`service` and `way` say which conversation is looked at; `insists` is how the next stripped run is made."""

    def __init__(self, lab: Recorded, client: str = "", user: str = "", *, carrier: str | None = None) -> None:
        self._lab, self._carrier = lab, carrier
        self.scene = scene(lab.topology, client, user)
        self.service: Service = "SMTP"
        self.insists = False
        self.conversation = 0
        """The number of the given lab's conversation in the column "yours"; 0: its latest."""
        self._runs: dict[tuple[Service, Way], Heard] = {}
        self._kept: tuple[tuple[int, int], Heard | None] | None = None
        self.way: Column = "yours" if self.conversations() else "clear"

    # -- the given lab

    def conversations(self) -> list[int]:
        """The numbers of the given lab's conversations in this protocol, the calls that came through."""
        calls = enumerate(self._lab.transcript.only(Dialled), 1)
        return [n for n, call in calls if service(call.flow.port) == self.service and call.verdict == "accept"]

    def call(self, number: int) -> Dialled:
        """One call of the given lab."""
        return self._lab.transcript.only(Dialled)[number - 1]

    @property
    def looked_at(self) -> int:
        """Which conversation of the given lab stands in the column "yours"; 0: there is none."""
        numbers = self.conversations()
        return self.conversation if self.conversation in numbers else next(reversed(numbers), 0)

    def _yours(self) -> Heard | None:
        """Heard once for each state of the record: a picture asks for it many times."""
        number, state = self.looked_at, len(self._lab.transcript)
        if self._kept is None or self._kept[0] != (number, state):
            self._kept = (number, state), self._hear(number) if number else None
        return self._kept[1]

    def _hear(self, number: int) -> Heard:
        flow, transcript = self.call(number).flow, self._lab.transcript
        hostname = next((s.hostname for s in self._lab.topology.servers if s.host == flow.server), flow.server)
        return Heard(Run(self._lab.topology, transcript, flow, []), overheard(transcript, flow, hostname))

    # -- acts

    def choose(self, service: str = "", way: str = "") -> None:
        """Look at another protocol or another way. ValueError names what there is."""
        if service:
            self.service = _service(service)
        if way:
            self.way = "yours" if way == "yours" else _way(way)
        if self.way == "yours" and not self.conversations():
            self.way = "clear"

    def listen(self, way: str) -> None:
        """Make this run, now, and look at it. ValueError names what there is."""
        chosen = _way(way)
        run = make(self.scene, self.service, chosen, insists=self.insists, carrier=self._carrier)
        heard = None
        if run.transcript is not None and run.flow is not None:
            heard = overheard(run.transcript, run.flow, self.scene.server.hostname)
        self._runs[self.service, chosen] = Heard(run, heard)
        self.way = chosen

    def listen_all(self) -> None:
        """All four, one after the other; what is looked at stays."""
        way = self.way
        for each in WAYS:
            self.listen(each)
        self.way = way

    # -- what is there

    def columns(self) -> list[Column]:
        """The given lab's conversation first, where it has one in this protocol."""
        return ["yours", *WAYS] if self.conversations() else [*WAYS]

    def column(self, way: Column) -> Heard | None:
        """One of them; None where nothing has run yet."""
        return self._yours() if way == "yours" else self._runs.get((self.service, way))

    def port(self, way: Column) -> int:
        """The port of one column; 0 where nothing has run."""
        if way != "yours":
            return PORTS[self.service][way == "implicit"]
        yours = self._yours()
        return yours.run.flow.port if yours and yours.run.flow else 0

    @property
    def ends(self) -> tuple[str, str]:
        """The two hosts of what is looked at."""
        column = self.column(self.way)
        flow = column.run.flow if column else None
        return (flow.client, flow.server) if flow else (self.scene.client, self.scene.server.host)

    # -- words

    def text(self) -> str:
        """What each way gives away, and the chosen conversation as he has it."""
        lines = [words.title(self._lab.topology, *self.ends)]
        for way in self.columns():
            lines.append(f"  {words.way(way)} ({self.service} {self.port(way)}): {self._in_short(way)}")
        lines.append(words.honest())
        return "\n".join([*lines, *self._chosen()])

    def _in_short(self, way: Column) -> str:
        column = self.column(way)
        if column is None:
            return _("not tried yet")
        if column.heard is None:
            return " ".join(column.run.notes)
        learnt = [column.heard.learnt[item] for item in SECRETS]
        return ", ".join(f"{words.item(one.item)} {words.state(one.state)}" for one in learnt if one.state != "none")

    def _chosen(self) -> Iterator[str]:
        column = self.column(self.way)
        if column is None or column.heard is None:
            return
        heard = column.heard
        yield f"{words.way(self.way)}. {heard.heading}"
        yield from (f"  {note}" for note in column.run.notes)
        for item in (*SECRETS, *ALWAYS):
            yield f"  {_learnt(heard, item)}"
        for sight in heard.sights[:TEXT_LINES]:
            yield from _told(sight)
        if (more := len(heard.sights) - TEXT_LINES) > 0:
            yield "  " + _("… and {number} lines more").format(number=more)


def _learnt(heard: Overheard, item: Item) -> str:
    one = heard.learnt[item]
    mark = {"seen": "✓", "hidden": "✗", "unsaid": "–", "none": "–"}[one.state]
    where = " " + _("(line {number})").format(number=one.where) if one.where else ""
    told = f": {one.value}" if one.value else f": {words.state(one.state)}"
    return f"{mark} {words.item(item)}{told}{where}"


def _told(sight: Sight) -> Iterator[str]:
    by = f"{sight.by}: " if sight.by else "-- "
    for place, line in enumerate(sight.lines):
        number = f"{sight.number:4}" if not place else "    "
        yield f"{number} {by}{line}".rstrip()
    if sight.decoded:
        yield f"        = {words.decoded(sight)}"


def _service(given: str) -> Service:
    return next((known for known in PORTS if known == given), None) or _unknown(given, PORTS)


def _way(given: str) -> Way:
    return next((known for known in WAYS if known == given), None) or _unknown(given, WAYS)


def _unknown(given: str, known: Iterable[str]) -> NoReturn:
    raise ValueError(_("no {given!r}; there are: {known}").format(given=given, known=", ".join(known)))
