"""Runs a conversation written as a coroutine, resuming it right where bytes arrive.

A task of the loop would be resumed one round of the loop later: a third of the time that a short command takes.
Must not know: what is spoken.
"""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine, Generator


_FOR_RESUME = object()


@types.coroutine
def until_resumed() -> Generator[object, bool, bool]:
    """Wait for `Driver.resume(value)`; the value."""
    return (yield _FOR_RESUME)


class Driver:
    """One coroutine. It awaits `until_resumed()`, and whatever of asyncio needs no task of its own.

    An error that comes out of it is told to the loop's exception handler.
    """

    def __init__(self, work: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop) -> None:
        self._work, self._loop = work, loop
        self._future: asyncio.Future[Any] | None = None
        self._running = self._cancelled = False

    def resume(self, value: bool | None = None) -> None:
        """Run on to the next place where it waits. Once to begin; then only out of `until_resumed`."""
        if not self._cancelled:
            self._step(self._work.send, value)

    def cancel(self) -> None:
        """End it where it waits; one that is running now ends when it next would wait."""
        self._cancelled = True
        if not self._running:
            self._step(self._work.close)

    def _step(self, step: Callable[..., Any], *value: object) -> None:
        self._future, self._running = None, True
        try:
            awaited = step(*value)
        except StopIteration:
            return
        except BaseException as error:  # noqa: BLE001 - handed on; the loop's own callbacks must go on
            self._loop.call_exception_handler({"message": "a conversation failed", "exception": error})
            return
        finally:
            self._running = False
        if self._cancelled:
            self._work.close()
        elif awaited is None:  # asyncio.sleep(0)
            self._loop.call_soon(self.resume)
        elif awaited is not _FOR_RESUME:
            self._await(awaited)

    def _await(self, future: asyncio.Future[Any]) -> None:
        # What asyncio's tasks do with a future that a coroutine yields.
        future._asyncio_future_blocking = False
        self._future = future
        future.add_done_callback(self._done)

    def _done(self, future: asyncio.Future[Any]) -> None:
        if self._future is future and not self._cancelled:
            self._step(self._work.send, None)
