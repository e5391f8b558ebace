"""The lab's clock: it stands still until somebody moves it, so that every run shows the same times.

Server code may sleep on it. Must not know: the computer's clock.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import threading
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

MORNING = datetime(2026, 4, 6, 9, 0, tzinfo=timezone(timedelta(hours=9)))
"""A Monday at nine, when Yamada and Goto come to work."""


class Clock:
    """Time in one lab, in the time zone in which it was started."""

    def __init__(self, start: datetime = MORNING) -> None:
        self._now, self._seconds = start, start.timestamp()
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None], asyncio.Task[Any]]] = []
        self._asleep: set[asyncio.Task[Any]] = set()
        self._order = itertools.count()
        self._nap: asyncio.Future[None] | None = None
        # A learner's thread moves the clock, the loop's thread sleeps on it.
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The lab's time."""
        return self._now

    def seconds(self) -> float:
        """The lab's time as seconds since 1970."""
        return self._seconds

    def move_to(self, when: datetime) -> None:
        """Move forward, and wake who has slept until then; a time that has passed moves nothing."""
        with self._lock:
            self._now = max(self._now, when)
            self._seconds = self._now.timestamp()
            due = list(self._due())
        for sleeper in due:
            with contextlib.suppress(RuntimeError):  # its loop has ended with its lab
                sleeper.get_loop().call_soon_threadsafe(_wake, sleeper)

    def _due(self) -> Iterator[asyncio.Future[None]]:
        while self._sleepers and self._sleepers[0][0] <= self._now:
            *_when, woken, task = heapq.heappop(self._sleepers)
            self._asleep.discard(task)  # here, so that nobody takes it for asleep who looks before its loop has run
            yield woken

    # -- sleeping, on a loop

    async def sleep(self, seconds: float) -> None:
        """Return when the clock has been moved that far."""
        task, woken = asyncio.current_task(), asyncio.get_running_loop().create_future()
        assert task is not None, "only a task can sleep"
        with self._lock:
            # A date and no float: what is waited for must be reached exactly when the clock is moved to it.
            wake = self._now + timedelta(seconds=seconds)
            heapq.heappush(self._sleepers, (wake, next(self._order), woken, task))
        self._asleep.add(task)
        if self._nap is not None and not self._nap.done():
            self._nap.set_result(None)
        try:
            await woken
        finally:
            self._asleep.discard(task)

    def is_asleep(self, task: asyncio.Task[Any] | None) -> bool:
        """Whether a task waits for nothing but the clock."""
        return task in self._asleep

    def next_wake(self) -> datetime | None:
        """To when the clock must be moved for the next sleeper to go on."""
        with self._lock:
            while self._sleepers and self._sleepers[0][2].cancelled():
                heapq.heappop(self._sleepers)
            return self._sleepers[0][0] if self._sleepers else None

    async def rest(self, task: asyncio.Task[Any]) -> None:
        """Return when `task` is done, or sleeps."""
        while not task.done() and task not in self._asleep:
            if self._nap is None or self._nap.done():
                self._nap = asyncio.get_running_loop().create_future()
            await asyncio.wait([task, self._nap], return_when=asyncio.FIRST_COMPLETED)


def _wake(sleeper: asyncio.Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)
