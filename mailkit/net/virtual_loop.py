"""An event loop without selector, thread or socket: stepped by hand, with a clock that jumps over idle time.

It runs inside a running loop (a notebook's cell) and in a browser. Several threads may step it, a notebook's cell and
the handler of a click: one at a time, each to the end of its wait. Must not know: connections.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import threading
from asyncio import sslproto
from collections import deque
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple

from mailkit.net.carrier import refuse_blocking

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Coroutine, Generator, Iterator
    from contextlib import AbstractContextManager
    from contextvars import Context

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class VirtualLoop(asyncio.AbstractEventLoop):
    """Runs callbacks in order. Time moves only when nothing else can happen; `on_jump(seconds)` is told of it."""

    def __init__(self, on_jump: Callable[[float], None] = lambda seconds: None) -> None:
        self._ready: deque[asyncio.Handle] = deque()
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._cancelled_timers = 0
        self._order = itertools.count()
        self._time = 0.0
        self._running = False
        # Re-entrant, so that a step within a step is refused instead of waiting for itself.
        self._turn = threading.RLock()
        self._on_jump = on_jump
        self.errors: list[dict[str, Any]] = []
        """What callbacks raised; a test that finds one has found a bug."""

    # -- what asyncio's tasks, streams and timeouts ask of a loop

    def time(self) -> float:
        return self._time

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return self._running

    def is_closed(self) -> bool:
        return False

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(self, coro: Generator[Any, None, T] | Coroutine[Any, Any, T], **options: Any) -> asyncio.Task[T]:
        return asyncio.Task(coro, loop=self, **options)

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    call_soon_threadsafe = call_soon

    def call_later(
        self, delay: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self._time + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, (when, next(self._order), handle))
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        # aiosmtpd cancels one timer a command: without pruning, a long session would keep them all.
        self._cancelled_timers += 1
        if self._cancelled_timers > 100:
            self._timers = [entry for entry in self._timers if not entry[2].cancelled() and entry[2] is not handle]
            heapq.heapify(self._timers)
            self._cancelled_timers = 0

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        self.errors.append(context)

    async def start_tls(
        self,
        transport: asyncio.WriteTransport,
        protocol: asyncio.BaseProtocol,
        sslcontext: ssl.SSLContext,
        *,
        server_side: bool = False,
        **options: Any,
    ) -> asyncio.Transport:
        handshake = self.create_future()
        layer = sslproto.SSLProtocol(self, protocol, sslcontext, handshake, server_side, call_connection_made=False)
        assert isinstance(transport, asyncio.Transport)
        transport.set_protocol(layer)
        self.call_soon(layer.connection_made, transport)
        self.call_soon(transport.resume_reading)
        await handshake
        return layer._app_transport

    # -- stepping

    def alone(self) -> AbstractContextManager[Any]:
        """While it is held, no other thread steps this loop."""
        return self._turn

    def call(self, function: Callable[..., T], *args: Any) -> T:
        """Call a function as if this loop were running it, then settle."""
        with self._current():
            result = function(*args)
            while self._ready:
                self._run_ready()
        return result

    def settle(self) -> None:
        """Run all that can happen without time passing."""
        with self._current():
            while self._ready:
                self._run_ready()

    def settle_if_free(self) -> None:
        """Settle, unless somebody is stepping: he does it then. For those who must not wait."""
        if self._turn.acquire(blocking=False):
            try:
                if not self._running:
                    self.settle()
            finally:
                self._turn.release()

    def run_until(self, done: Callable[[], object], timeout: float | None = None) -> None:
        """Step until `done()`. TimeoutError when `timeout` seconds of virtual time passed, or nothing is left to do."""
        with self._current():
            deadline = float("inf") if timeout is None else self._time + timeout
            while not done():
                if self._ready:
                    self._run_ready()
                elif not self._jump(deadline):
                    raise TimeoutError("timed out")

    def run(self, work: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
        """Run a coroutine to its end; one that is late is cancelled, and unwinds before the error comes out."""
        with self._turn:
            if self._running:
                work.close()
                raise refuse_blocking()
            task = self.create_task(work)
            try:
                self.run_until(task.done, timeout)
            except BaseException:
                task.cancel()
                self.settle()
                raise
            return task.result()

    def pass_time(self, seconds: float) -> None:
        """Let `seconds` go by, running what falls due."""
        with contextlib.suppress(TimeoutError):
            self.run_until(lambda: False, seconds)

    def _run_ready(self) -> None:
        for _ in range(len(self._ready)):
            handle = self._ready.popleft()
            if not handle.cancelled():
                handle._run()

    def _jump(self, deadline: float) -> bool:
        """Move to the next timer; False when there is none up to the deadline (which is then the time)."""
        while self._timers and self._timers[0][2].cancelled():
            heapq.heappop(self._timers)
        when = self._timers[0][0] if self._timers else float("inf")
        if when > deadline or when == float("inf"):
            if deadline != float("inf"):
                self._move_to(deadline)
            return False
        self._move_to(when)
        while self._timers and self._timers[0][0] <= self._time:
            self._ready.append(heapq.heappop(self._timers)[2])
        return True

    def _move_to(self, when: float) -> None:
        if when > self._time:
            seconds, self._time = when - self._time, when
            self._on_jump(seconds)

    @contextlib.contextmanager
    def _current(self) -> Iterator[None]:
        """Be this thread's running loop for a while, even inside another loop's task.

        The only place with private names of asyncio. Since 3.14 a thread has one current task, so the outer
        one has to be left and entered again.
        """
        with self._turn:
            if self._running:
                raise refuse_blocking()
            outer = asyncio._get_running_loop()
            task = asyncio.current_task(outer) if outer else None
            if outer and task:
                asyncio.tasks._leave_task(outer, task)
            asyncio._set_running_loop(self)
            self._running = True
            try:
                yield
            finally:
                self._running = False
                asyncio._set_running_loop(outer)
                if outer and task:
                    asyncio.tasks._enter_task(outer, task)
