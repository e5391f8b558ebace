"""Tells a widget that something was recorded: on the kernel's own loop, once for many records.

Must not know: what a widget does then.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from mailkit.trace.transcript import Transcript


class Follower:
    """Calls `look` between two cells, or where a cell awaits. A plain program has no such loop, and looks itself.

    `turn` is the widget's, taken for the look alone: the lab's thread, which records, never waits for it.
    """

    def __init__(self, transcript: Transcript, look: Callable[[], None], turn: AbstractContextManager[Any]) -> None:
        self._look, self._turn, self._loop, self._waits = look, turn, _running_loop(), False
        self._forget = transcript.follow(self._told)

    def stop(self) -> None:
        """Follow no more."""
        self._forget()

    def _told(self, _: object) -> None:
        """A record was made, on whatever thread."""
        if self._loop is None or self._waits:
            return
        self._waits = True
        try:
            self._loop.call_soon_threadsafe(self._look_now)
        except RuntimeError:  # the loop is closed: nobody is left to look
            self._waits = False

    def _look_now(self) -> None:
        self._waits = False
        with self._turn:
            self._look()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
