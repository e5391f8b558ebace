"""The append-only record of one lab: who called whom, what was said, what became of each message.

Must not know: who reads it, how it is drawn. Secrets stand here as they were sent; rendering masks them,
because a check may have to show that Base64 is no secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Party = Literal["C", "S"]
"""C is the end that called, S the end that was called."""


class Flow(NamedTuple):
    """One TCP conversation, or the attempt at one. Hosts are names in the lab, addresses are their labels."""

    number: int
    client: str
    client_address: str
    server: str
    server_address: str
    port: int


CallVerdict = Literal["accept", "reject", "drop", "closed", "off"]
"""What became of a call. "drop" and "off": no answer; "closed": nobody listens there."""


class Dialled(NamedTuple):
    """A call was made. `rule` is the firewall's rule number from 1, None: no rule."""

    at: float
    flow: Flow
    verdict: CallVerdict
    rule: int | None


class Said(NamedTuple):
    """Bytes as one end sent them, TLS already taken off; `encrypted` says whether the wire saw them so."""

    at: float
    flow: Flow
    by: Party
    data: bytes
    encrypted: bool


class Secured(NamedTuple):
    """TLS is on from here."""

    at: float
    flow: Flow


class Closed(NamedTuple):
    """The conversation is over."""

    at: float
    flow: Flow


class Asked(NamedTuple):
    """A question to DNS and its answers, as zone-file text; no answers: no such data.

    `remembered`: the host had the answer from before, within its time to live, and no question went out.
    """

    at: float
    host: str
    name: str
    kind: str
    answers: tuple[str, ...]
    remembered: bool = False


class Handled(NamedTuple):
    """What a server did with one message for one recipient.

    `flow` is the conversation that brought it (queued) or took it on (relayed, deferred, bounced), if there
    was one. `detail` is the deciding reply, for "filed" the mailbox and UID, for a bounce that is queued its cause.
    """

    at: float
    host: str
    queue_id: str
    act: Literal["queued", "relayed", "filed", "deferred", "bounced"]
    reverse_path: str
    recipient: str
    flow: Flow | None
    detail: str


Disturbance = Literal["answer", "delay", "hang-up", "lost reply", "break", "trickle", "strip", "certificate"]


class Disturbed(NamedTuple):
    """A fault came to pass that somebody had asked for; `what` is a sentence for people.

    `by` is the host of a man in the middle, `said` what he told the client in the server's name. After "certificate",
    he reads all that either end says encrypted; a client that refuses the certificate says nothing so. "lost reply"
    and "break" leave an end that has to guess: what the server said just before may never have arrived.
    """

    at: float
    flow: Flow
    kind: Disturbance
    what: str
    by: str = ""
    said: bytes = b""


class Fallen(NamedTuple):
    """From here on the host is an attacker's: what it keeps he reads, what passes there he sees."""

    at: float
    host: str


class Switched(NamedTuple):
    """A host was switched on or off; `host` "": the firewall, which lets everything pass while it is off."""

    at: float
    host: str
    on: bool


Record = Dialled | Said | Secured | Closed | Asked | Handled | Disturbed | Fallen | Switched
"""`at`, in each of them, is seconds since 1970 on the lab's clock."""
R = TypeVar("R", Dialled, Said, Secured, Closed, Asked, Handled, Disturbed, Fallen, Switched)


class Transcript:
    """Records in the order in which they were made."""

    def __init__(self) -> None:
        self._records: list[Record] = []
        self._listeners: list[Callable[[Record], None]] = []

    def append(self, record: Record) -> None:
        """Add a record and tell whoever follows."""
        self._records.append(record)
        for listener in tuple(self._listeners):
            listener(record)

    def follow(self, listener: Callable[[Record], None]) -> Callable[[], None]:
        """Call `listener` with each new record, on whatever thread made it; the returned function ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def __iter__(self) -> Iterator[Record]:
        return iter(tuple(self._records))

    def __len__(self) -> int:
        return len(self._records)

    def only(self, kind: type[R]) -> list[R]:
        """The records of one kind."""
        return [record for record in self if isinstance(record, kind)]

    def last(self, kind: type[R]) -> R | None:
        """The newest record of one kind."""
        return next((record for record in reversed(self._records) if isinstance(record, kind)), None)

    def flows(self) -> list[Flow]:
        """Every conversation and attempt, in the order of the calls."""
        return [record.flow for record in self.only(Dialled)]

    def said(self, flow: Flow, by: Party | None = None) -> bytes:
        """All bytes of a conversation, or of one side of it."""
        return b"".join(r.data for r in self.only(Said) if r.flow == flow and by in (None, r.by))

    def conversation(self, number: int) -> str:
        """One conversation as text; the first has number 1. IndexError says how many there are."""
        from mailkit.trace.dialogue import render_one

        return render_one(self, number)

    def __repr__(self) -> str:
        from mailkit.trace.dialogue import render

        return render(self)
