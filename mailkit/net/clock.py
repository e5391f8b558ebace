"""The lab's clock: it stands still until somebody moves it, so that every run shows the same times.

Must not know: the computer's clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

MORNING = datetime(2026, 4, 6, 9, 0, tzinfo=timezone(timedelta(hours=9)))
"""A Monday at nine, when Yamada and Goto come to work."""


class Clock:
    """Time in one lab, in the time zone in which it was started."""

    def __init__(self, start: datetime = MORNING) -> None:
        self._now, self._seconds = start, start.timestamp()

    def now(self) -> datetime:
        """The lab's time."""
        return self._now

    def seconds(self) -> float:
        """The lab's time as seconds since 1970."""
        return self._seconds

    def move_to(self, when: datetime) -> None:
        """Move forward; a time that has passed moves nothing."""
        self._now = max(self._now, when)
        self._seconds = self._now.timestamp()
