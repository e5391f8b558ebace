"""Joins a message's `Received` fields to the conversations that wrote them; what nobody wrote stays alone.

Must not know: sentences, pictures. A field is believed where the lab's own records say the same, not for its words.
"""

from __future__ import annotations

from email import message_from_bytes
from typing import TYPE_CHECKING, NamedTuple

from mailkit.mail.envelope import header_fields
from mailkit.mail.received import TraceField, parse_received
from mailkit.server.smtp_header import without_return_path
from mailkit.trace.transcript import Asked, Dialled
from mailkit.widgets.journey import Journeys, Stop
from mailkit.widgets.route import Run

if TYPE_CHECKING:
    from mailkit.lab.topology import Topology
    from mailkit.mail.mailbox import Message
    from mailkit.trace.transcript import CallVerdict, Flow, Handled, Transcript

CRLF = b"\r\n"


class Exchanger(NamedTuple):
    """A server that DNS named for a domain. `fate`: "took" it, "refused" it, "failed" (see `verdict`), or "unasked"."""

    preference: int
    host: str
    fate: str
    verdict: CallVerdict | None = None


class Leg(NamedTuple):
    """One conversation that carried the message, or was to: `stop` is who took it, None where nobody did.

    `flow` None: no server was found to be called. `mx` are the servers that DNS had named for `domain`, best first.
    `again`: the message had been at that host before. `reply` is why it failed, "" where it did not.
    """

    number: int
    client: str
    flow: Flow | None
    stop: Stop | None
    at: float
    encrypted: bool = False
    domain: str = ""
    mx: tuple[Exchanger, ...] = ()
    attempts: int = 1
    again: bool = False
    reply: str = ""
    recipient: str = ""


class Rung(NamedTuple):
    """One `Received` field, `place` counted from the top; `leg` is the number of the hop that wrote it, 0: nobody."""

    place: int
    value: str
    field: TraceField
    leg: int


class Trip(NamedTuple):
    """The way of one message: its hops in the order of time, its fields from the top. `start` had it first."""

    start: str
    legs: tuple[Leg, ...]
    rungs: tuple[Rung, ...]
    notice: bool = False
    """Whether a server wrote it, to say that another one failed."""


class Tracer:
    """Reads one run. The trips of a notice of failure are two: the letter's that failed, and its own."""

    def __init__(self, topology: Topology, transcript: Transcript) -> None:
        self._run = Run(topology, transcript)
        self._journeys = Journeys(self._run.records)
        self._hosts = {server.hostname.lower(): server.host for server in topology.servers}
        self._calls = [(i, r) for i, r in enumerate(self._run.records) if isinstance(r, Dialled)]
        self._asked = [(i, r) for i, r in enumerate(self._run.records) if isinstance(r, Asked)]

    def trips(self, message: Message | bytes) -> list[Trip]:
        """The trip that failed, if the message tells of one; its own trip last."""
        raw = message if isinstance(message, bytes) else message.raw
        last = self._last_stop(raw, "" if isinstance(message, bytes) else message.origin)
        if last is None:
            return [Trip("", (), _rungs(raw))]
        stops = self._journeys.back(last)
        failed = self._journeys.bounce_of(stops[0])
        returned = [self._returned(Stop(stops[0].host, failed), raw)] if failed else []
        number = len(returned[0].legs) if returned else 0
        return [*returned, self._trip(stops, raw, number)._replace(notice=bool(failed))]

    # -- where it ended

    def _last_stop(self, raw: bytes, origin: str) -> Stop | None:
        """The server that has it: by the mailbox's own note, else by what the topmost field or a notice's id claims."""
        if origin:
            return next((stop for stop in self._journeys.stops if stop.queue_id == origin), None)
        claimed = self._claimed(raw)
        if claimed is None or not self._journeys.acts(claimed):
            return None
        flow = self._journeys.brought_by(claimed)
        if flow is None:
            return claimed
        content = self._run.content(flow, self._journeys.queued_at(claimed)) or b"\0"
        same = raw.endswith((content, without_return_path(content)))
        return claimed if same else None

    def _claimed(self, raw: bytes) -> Stop | None:
        rungs = _rungs(raw)
        if rungs:
            host = self._hosts.get(rungs[0].field.by.lower())
            return Stop(host, rungs[0].field.queue_id) if host else None
        own = next((value for name, value in header_fields(raw) if name.lower() == "message-id"), "")
        queue_id, dsn, name = own.strip("<>").partition(".dsn@")
        host = self._hosts.get(name.lower()) if dsn else None
        return Stop(host, queue_id) if host else None

    # -- the way

    def _trip(self, stops: list[Stop], raw: bytes, before: int) -> Trip:
        legs: list[Leg] = []
        for at, stop in enumerate(stops):
            flow = self._journeys.brought_by(stop)
            if flow is not None:
                been = [stop.host for stop in stops[:at]]
                came_from = stops[at - 1] if at else None
                leg = self._leg(flow, came_from, self._journeys.queued_at(stop))
                legs.append(leg._replace(number=before + len(legs) + 1, stop=stop, again=stop.host in been))
        start = legs[0].client if legs else stops[0].host
        return Trip(start, tuple(legs), self._joined(_rungs(raw), legs))

    def _returned(self, stop: Stop, notice: bytes) -> Trip:
        """What a notice of failure tells of: its way so far, and the hop that failed."""
        trip = self._trip(self._journeys.back(stop), _returned_header(notice), 0)
        bounced = [(i, record) for i, record in self._journeys.acts(stop) if record.act == "bounced"]
        failures = [self._failure(stop, i, record, len(trip.legs) + n) for n, (i, record) in enumerate(bounced, 1)]
        return trip._replace(legs=(*trip.legs, *failures))

    def _failure(self, stop: Stop, index: int, record: Handled, number: int) -> Leg:
        flow = record.flow or self._last_call(stop.host, self._journeys.queued_at(stop), index)
        domain = record.recipient.rpartition("@")[2]
        leg = self._leg(flow, stop, index) if flow else Leg(0, stop.host, None, None, record.at, domain=domain)
        mx = tuple(one._replace(fate="refused") if one.fate == "took" else one for one in leg.mx)
        return leg._replace(number=number, mx=mx, reply=record.detail, recipient=record.recipient, at=record.at)

    def _last_call(self, host: str, since: int, until: int) -> Flow | None:
        """The call that got no conversation, when the server's own record names none."""
        found = [call.flow for i, call in self._calls if since < i < until and call.flow.client == host]
        return found[-1] if found and found[-1].port == 25 else None

    def _joined(self, rungs: tuple[Rung, ...], legs: list[Leg]) -> tuple[Rung, ...]:
        """From the top down, each field with the hop that wrote it; below the first that does not fit, none fits."""
        joined = list(rungs)
        for at, (rung, leg) in enumerate(zip(rungs, reversed(legs), strict=False)):
            host = self._hosts.get(rung.field.by.lower())
            if leg.stop is None or (host, rung.field.queue_id) != leg.stop:
                break
            joined[at] = rung._replace(leg=leg.number)
        return tuple(joined)

    # -- one hop

    def _leg(self, flow: Flow, came_from: Stop | None, until: int) -> Leg:
        """What went before a conversation: whom DNS named, whom else the caller had tried since it had the message."""
        dialled = next(i for i, call in self._calls if call.flow == flow)
        since = self._journeys.queued_at(came_from) if came_from else self._call_before(flow.client, dialled)
        tried = [(i, c) for i, c in self._calls if since < i <= dialled and c.flow.client == flow.client]
        asked = [r for i, r in self._asked if since < i < dialled and r.host == flow.client]
        domain, mx = _exchangers(asked, [call for _, call in tried], flow)
        return Leg(
            0, flow.client, flow, None, self._run.records[max(until, dialled)].at, self._run.is_encrypted(flow),
            domain, mx, 1 + self._deferred(came_from, dialled),
        )  # fmt: skip

    def _deferred(self, stop: Stop | None, until: int) -> int:
        """How many attempts had failed before."""
        acts = self._journeys.acts(stop) if stop else []
        return len({record.at for i, record in acts if record.act == "deferred" and i < until})

    def _call_before(self, client: str, dialled: int) -> int:
        return max((i for i, call in self._calls if i < dialled and call.flow.client == client), default=-1)


def _exchangers(asked: list[Asked], tried: list[Dialled], flow: Flow) -> tuple[str, tuple[Exchanger, ...]]:
    """The domain that DNS was asked for last, and what became of each server named for it, best first (§5.1)."""
    question = next((one for one in reversed(asked) if one.kind == "MX"), None)
    if question is None or flow.port != 25:  # to hand a letter in, nobody needs MX: somebody looked it up by hand
        return "", ()
    addresses = {one.name.rstrip(".").lower(): one.answers for one in asked if one.kind in ("A", "AAAA")}
    verdicts = {call.flow.server_address: call.verdict for call in tried}
    found = []
    for answer in question.answers:
        preference, _, host = answer.partition(" ")
        host = host.rstrip(".")
        own = addresses.get(host.lower())
        verdict = next((verdicts[address] for address in own or () if address in verdicts), None)
        # Whose address was asked for was to be called, even if no host has it.
        fate = "unasked" if own is None else "took" if flow.server_address in own else "failed"
        found.append(Exchanger(int(preference) if preference.isdigit() else 0, host, fate, verdict))
    return question.name, tuple(sorted(found, key=lambda one: one.preference))


def _rungs(raw: bytes) -> tuple[Rung, ...]:
    values = [value for name, value in header_fields(raw) if name.strip().lower() == "received"]
    return tuple(Rung(place, value, parse_received(value), 0) for place, value in enumerate(values, 1))


def _returned_header(notice: bytes) -> bytes:
    """The header of the letter that failed, as a notice brings it back (RFC 6522 §4); b"" where it does not."""
    for part in message_from_bytes(notice).walk():
        if part.get_content_type() == "text/rfc822-headers":
            text = part.get_payload(decode=True)
            return CRLF.join(text.splitlines()) + CRLF if isinstance(text, bytes) else b""
    return b""
