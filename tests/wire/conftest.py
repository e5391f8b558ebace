"""What the tests of the engines share: a small world of mail, and a bare host for real clients."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from mailkit.mail.mailbox import Account, MailStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mailkit.wire.engine import Engine

NOON = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)

LETTER = b"From: Yamada <yamada@example.com>\r\nTo: goto@example.co.jp\r\nSubject: first\r\n\r\nHello.\r\n.dot\r\n"
REPORT = b"From: sato@example.com\r\nSubject: second\r\n\r\none\r\ntwo\r\nthree\r\n"


@pytest.fixture
def account() -> Account:
    """Goto, with two letters in the INBOX."""
    account = Account("goto@example.co.jp", "secret")
    account.inbox.add(LETTER, NOON)
    account.inbox.add(REPORT, NOON)
    return account


@pytest.fixture
def store(account: Account) -> MailStore:
    return MailStore([account])


class EngineHost(asyncio.Protocol):
    """The driver contract of engine.py, without TLS."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._engine.on_output = self._flush
        self._engine.start()
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._engine.receive(data)
        self._flush()

    def connection_lost(self, error: Exception | None) -> None:
        self._engine.receive_eof()

    def _flush(self) -> None:
        self._transport.write(self._engine.take_output())
        if self._engine.finished:
            self._transport.close()


class Background:
    """A loop in a thread; `listen` and `do` are called from the test's thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def do(self, action: Callable[[], object]) -> None:
        """Run `action` on the loop, as everything that touches a store in use must, and wait for it."""

        async def run() -> None:
            action()

        asyncio.run_coroutine_threadsafe(run(), self.loop).result(10)

    def listen(self, protocol: Callable[[], asyncio.Protocol]) -> int:
        server = asyncio.run_coroutine_threadsafe(self.loop.create_server(protocol, "127.0.0.1", 0), self.loop).result(
            10
        )
        return int(server.sockets[0].getsockname()[1])

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._cancel_all(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()

    async def _cancel_all(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def background() -> Iterator[Background]:
    background = Background()
    yield background
    background.stop()


@pytest.fixture
def serve(background: Background) -> Callable[[Callable[[], Engine]], int]:
    """`serve(engine_factory)` gives the port where each connection meets a new engine."""
    return lambda factory: background.listen(lambda: EngineHost(factory()))
