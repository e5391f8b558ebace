"""Tells a widget that its lab has recorded something, once for many records, on the kernel's own loop.

Must not know: any widget. Records are made on whatever thread; traitlets may be touched on the kernel's alone.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.trace.transcript import Transcript


class Follower:
    """Calls `look` after something was recorded, until `close`; in a plain program, which has no loop, never."""

    def __init__(self, transcript: Transcript, look: Callable[[], None]) -> None:
        self._look_now, self._waits = look, False
        self._loop = _running_loop()
        self._forget = transcript.follow(self._told)

    def close(self) -> None:
        """Follow no more."""
        self._forget()

    def _told(self, _: object) -> None:
        if self._loop is None or self._waits:
            return
        self._waits = True
        try:
            self._loop.call_soon_threadsafe(self._look)
        except RuntimeError:  # the loop is closed: nobody is left to look
            self._waits = False

    def _look(self) -> None:
        self._waits = False
        self._look_now()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that a kernel runs cells in; a plain program has none."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
