"""One step of a letter's way as data: who called whom, and what came of it.

Must not know: how it is found (`route.py`), worded or drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from mailkit.trace.transcript import Asked, Flow
    from mailkit.widgets.transactions import Transaction

Kind = Literal["hand-in", "relay", "pick-up"]
Outcome = Literal["passed", "refused", "deferred", "dropped", "rejected", "closed", "off", "broken"]
"""refused: 5xx, -ERR, NO; deferred: 4xx; dropped, rejected: by the firewall; closed: nobody listens;
off: the host called is switched off; broken: the conversation ended before the deciding reply."""


@dataclass(frozen=True, slots=True)
class Middle:
    """A man in the middle. `kind`: he took the offer of TLS away, or showed a certificate of his own.

    `by` is his host. `reads`: what the caller said was readable to him, passwords included.
    """

    by: str
    kind: Literal["strip", "certificate"]
    reads: bool


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of the letter, or the attempt at one. `server` "": no server was found to be called.

    `began` and `ended` are places in the transcript. `act` is what the caller then did with a letter that
    did not pass: "deferred" (keeps it), "bounced" (gives up and tells the sender) or "" (a person's PC).
    `tls_after` is the command after which TLS was on, "" when it was on from the first octet.
    """

    number: int
    kind: Kind
    caller: str
    server: str
    port: int
    outcome: Outcome
    began: int
    ended: int
    at: float
    reply: str = ""
    queue_id: str = ""
    tls: bool = False
    tls_after: str = ""
    rule: int | None = None
    act: Literal["", "deferred", "bounced"] = ""
    attempts: int = 1
    questions: tuple[Asked, ...] = ()
    refused_paths: tuple[tuple[str, str], ...] = ()
    middle: Middle | None = None

    @property
    def source(self) -> str:
        """The host that the letter leaves: at a pick-up not the one that calls."""
        return self.server if self.kind == "pick-up" else self.caller

    @property
    def target(self) -> str:
        """The host that the letter goes to."""
        return self.caller if self.kind == "pick-up" else self.server


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as somebody handed it in, or tried to."""

    flow: Flow
    transaction: Transaction
