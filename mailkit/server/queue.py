"""Messages that a server has taken on, and what is still to be done with each.

Must not know: how delivery works. Time comes in as an argument, so days of retries take no time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mailkit.mail.envelope import Envelope
    from mailkit.mail.reply import Reply
    from mailkit.trace.transcript import Flow

RETRY_AFTER = 30 * 60.0
"""Seconds between attempts (RFC 5321 §4.5.4.1: at least 30 minutes)."""
GIVE_UP_AFTER = 5 * 24 * 3600.0
"""Seconds after which a message is returned (RFC 5321 §4.5.4.1: 4 to 5 days)."""


class Outcome(NamedTuple):
    """What one attempt meant for one recipient, with the reply that decided it.

    "filed" and "relayed": done. "deferred": transient, stays in the queue. "bounced": permanent.
    """

    act: Literal["filed", "relayed", "deferred", "bounced"]
    reply: Reply
    flow: Flow | None = None
    detail: str = ""

    @property
    def is_final(self) -> bool:
        """Nothing is left to do for that recipient."""
        return self.act != "deferred"


@dataclass(slots=True)
class Entry:
    """One message in the queue; `envelope` names only the recipients that still wait."""

    queue_id: str
    envelope: Envelope
    content: bytes
    arrived: float
    due: float
    reason: str = ""
    """Why it waits: the last reply, as text."""


class Queue:
    """The messages of one server, oldest first. `prefix` begins every queue id."""

    def __init__(self, prefix: str) -> None:
        self._prefix, self._count = prefix, 0
        self._entries: dict[str, Entry] = {}

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries.values()))

    def __len__(self) -> int:
        return len(self._entries)

    def next_id(self) -> str:
        """An id for a message that is about to be put in; the `Received` field needs it first."""
        self._count += 1
        return f"{self._prefix}{self._count}"

    def put(self, queue_id: str, envelope: Envelope, content: bytes, now: float) -> Entry:
        """Take a message on. It is due at once."""
        entry = self._entries[queue_id] = Entry(queue_id, envelope, content, now, now)
        return entry

    def due(self, now: float) -> list[Entry]:
        """What is to be tried by now."""
        return [entry for entry in self._entries.values() if entry.due <= now]

    def next_due(self) -> float | None:
        """When something is to be tried next."""
        return min((entry.due for entry in self._entries.values()), default=None)

    def settle(self, entry: Entry, outcomes: Mapping[str, Outcome], now: float) -> None:
        """Drop the recipients that are done; the rest waits for the next attempt, or leaves when none remains."""
        waiting = [path for path in entry.envelope.forward_paths if not outcomes[path].is_final]
        if not waiting:
            del self._entries[entry.queue_id]
            return
        entry.envelope = entry.envelope.to(waiting)
        entry.due = now + RETRY_AFTER
        entry.reason = str(outcomes[waiting[0]].reply)

    def is_too_old(self, entry: Entry, now: float) -> bool:
        """Whether a deferred recipient is given up."""
        return now - entry.arrived >= GIVE_UP_AFTER
