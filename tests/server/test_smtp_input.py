"""How much is asked of the system at once; what is read is in the dialogues of `test_smtp_server.py`."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from mailkit.server.smtp_driver import Driver
from mailkit.server.smtp_input import READ_AT_ONCE, READ_MUCH_AT_ONCE, Input

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE = b"x" * 62 + b"\r\n"
LETTER = LINE * (READ_AT_ONCE // len(LINE))


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def test_letters_that_fill_a_read_are_read_in_larger_ones_and_commands_are_not(loop: asyncio.AbstractEventLoop) -> None:
    read: list[bytes] = []

    async def converse() -> None:
        for _ in range(2):
            read.append(await words.line())
            read.append(await words.content(10 * READ_AT_ONCE))

    driver = Driver(converse(), loop)
    words, transport = Input(loop, driver.resume), SimpleNamespace()
    connection: Any = transport
    words.come_from(connection)
    driver.resume()

    def sizes(*pieces: bytes) -> list[int]:
        found = []
        for piece in pieces:
            words.feed(piece)
            found.append(transport.max_size)
        return found

    assert sizes(b"DATA\r\n", LETTER, b".\r\n") == [READ_AT_ONCE, READ_MUCH_AT_ONCE, READ_AT_ONCE]
    assert sizes(b"DATA\r\n", b"short\r\n.\r\n") == [READ_MUCH_AT_ONCE, READ_AT_ONCE]
    assert read == [b"DATA", LETTER, b"DATA", b"short\r\n"]
