"""A lab's time: how far its clock has to move for its servers to get on, and what waits for it in a queue.

Must not know: how letters are delivered.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.server.queue import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import tzinfo

    from mailkit.net.clock import Clock
    from mailkit.server.mail_host import MailHost


class Waiting(tuple[Entry, ...]):
    """The entries of one queue, oldest first; as text, a table of what waits for what and until when."""

    host: str
    _zone: tzinfo | None

    @classmethod
    def at(cls, host: str, entries: Iterable[Entry], zone: tzinfo | None) -> Waiting:
        """What waits at `host`; its text has the times of `zone`."""
        made = cls(entries)
        made.host, made._zone = host, zone
        return made

    def __repr__(self) -> str:
        if not self:
            return _("Nothing waits in the queue of {host}.").format(host=self.host)
        titles = (_("id"), _("for"), _("since"), _("next attempt"), _("returned at"), _("waits because"))
        rows = [titles, *(self._row(entry) for entry in self)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
        heading = _("In the queue of {host}:").format(host=self.host)
        return "\n".join([heading, *(line.rstrip() for line in lines)])

    def _row(self, entry: Entry) -> tuple[str, ...]:
        times = (self._time(seconds) for seconds in (entry.arrived, entry.due, entry.gives_up))
        return entry.queue_id, ", ".join(entry.envelope.forward_paths), *times, entry.reason or _("its first attempt")

    def _time(self, seconds: float) -> str:
        return f"{datetime.fromtimestamp(seconds, self._zone):%m-%d %H:%M}"


def next_event(servers: Iterable[MailHost], clock: Clock) -> datetime | None:
    """The time at which something goes on next: a server that sleeps wakes up, or a letter falls due."""
    dates = [at(due, clock) for s in servers if (due := s.next_due()) is not None]
    return min([*dates, *filter(None, [clock.next_wake()])], default=None)


def at(seconds: float, clock: Clock) -> datetime:
    """Seconds since 1970 as a date of the lab."""
    return datetime.fromtimestamp(seconds, clock.now().tzinfo)


async def idle(servers: Sequence[MailHost]) -> None:
    """Return when no server can do more before the clock is moved."""
    for server in servers:
        server.wake()
    while any(server.is_busy for server in servers):
        for server in servers:
            await server.idle()
