"""Messages that a server has taken on, and what is still to be done with each.

Must not know: how delivery works. Time comes in as an argument, so days of retries take no time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from mailkit.mail.envelope import Envelope
    from mailkit.mail.reply import Reply
    from mailkit.server.spool import Spool
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

    @property
    def is_success(self) -> bool:
        """The message is where it was to go, or another server answers for it."""
        return self.act in ("filed", "relayed")


class Entry:
    """One message in the queue; `envelope` names only the recipients that still wait.

    `reason` is why it waits: the last reply, as text. `speaks_for`, of a bounce: the queue id of the message, and the
    recipients of it that are done when this is put in.
    """

    __slots__ = ("arrived", "content", "due", "envelope", "queue_id", "reason", "speaks_for")

    def __init__(
        self,
        queue_id: str,
        envelope: Envelope,
        content: bytes,
        arrived: float,
        due: float,
        reason: str = "",
        speaks_for: tuple[str, tuple[str, ...]] = ("", ()),
    ) -> None:
        self.queue_id, self.envelope, self.content = queue_id, envelope, content
        self.arrived, self.due, self.reason, self.speaks_for = arrived, due, reason, speaks_for

    @property
    def gives_up(self) -> float:
        """When it is returned to the sender, at the attempt that follows."""
        return self.arrived + GIVE_UP_AFTER

    def strike_off(self, recipients: AbstractSet[str]) -> None:
        """Those need no more attempts."""
        self.envelope = self.envelope.to(path for path in self.envelope.forward_paths if path not in recipients)


class Queue:
    """The messages of one server, oldest first. `prefix` begins every queue id."""

    def __init__(self, prefix: str) -> None:
        self._prefix, self._count = prefix, 0
        self._entries: dict[str, Entry] = {}
        self._spool: Spool | None = None

    def keep_in(self, spool: Spool, now: float, used: Iterable[str] = ()) -> None:
        """Take up what a former run left in a folder, and keep everything there from now on.

        `used` are more ids that must not be given again.
        """
        self._spool = spool
        self._entries = {entry.queue_id: entry for entry in spool.entries(now)}
        self._count = max([spool.count, *map(_number, self._entries), *map(_number, used)])

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries.values()))

    def __len__(self) -> int:
        return len(self._entries)

    def next_id(self) -> str:
        """An id for a message that is about to be put in; the `Received` field needs it first. NotKept."""
        if self._spool is not None:
            self._spool.reserve(self._count + 1)
        self._count += 1
        return f"{self._prefix}{self._count}"

    def put(
        self,
        queue_id: str,
        envelope: Envelope,
        content: bytes,
        now: float,
        speaks_for: tuple[str, tuple[str, ...]] = ("", ()),
    ) -> Entry:
        """Take a message on. It is due at once. NotKept when it cannot be written down; it is not taken on then."""
        entry = Entry(queue_id, envelope, content, now, now, speaks_for=speaks_for)
        if self._spool is not None:
            self._spool.put(entry)
        self._entries[queue_id] = entry
        return entry

    def due(self, now: float) -> list[Entry]:
        """What is to be tried by now."""
        return [entry for entry in self._entries.values() if entry.due <= now]

    def retry_all(self, now: float) -> None:
        """All of it is due at once: a new start is a reason to try again."""
        for entry in self._entries.values():
            entry.due = now

    def next_due(self) -> float | None:
        """When something is to be tried next."""
        return min((entry.due for entry in self._entries.values()), default=None)

    def settle(self, entry: Entry, outcomes: Mapping[str, Outcome], now: float) -> None:
        """Drop the recipients that are done; the rest waits for the next attempt, or leaves when none remains."""
        self.strike_off(entry, {path for path, outcome in outcomes.items() if outcome.is_final})
        if waiting := entry.envelope.forward_paths:
            entry.due = now + RETRY_AFTER
            entry.reason = str(outcomes[waiting[0]].reply)

    def strike_off(self, entry: Entry, recipients: AbstractSet[str]) -> None:
        """These recipients are done; without others the entry leaves."""
        if recipients.isdisjoint(entry.envelope.forward_paths):
            return
        entry.strike_off(recipients)
        if not entry.envelope.forward_paths:
            del self._entries[entry.queue_id]
        if self._spool is not None:
            self._spool.update(entry)

    def is_too_old(self, entry: Entry, now: float) -> bool:
        """Whether a deferred recipient is given up."""
        return now >= entry.gives_up


def _number(queue_id: str) -> int:
    """How many ids had been given when this one was, whatever the prefix was then."""
    digits = re.search(r"\d{1,15}$", queue_id)
    return int(digits[0]) if digits else 0
