"""A peer that asks for much and reads nothing fills no memory, and gets all of it once it reads."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime

from mailkit.mail.mailbox import Account, MailStore
from mailkit.server.engine_server import EngineProtocol
from mailkit.wire.imap_server import IMAPServer

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
MESSAGES, SIZE, TIMES = 200, 10_000, 40


def test_peer_that_does_not_read() -> None:
    said = asyncio.run(_ask_much_and_read_late())
    assert said[:2] == [b"t OK fetched\r\n"] * 2
    assert len(said) == TIMES


async def _ask_much_and_read_late() -> list[bytes]:
    account = Account("goto@example.co.jp", "secret")
    for _ in range(MESSAGES):
        account.inbox.add(b"x" * SIZE, NOON)
    engine = IMAPServer(MailStore([account]), hostname="mail.example.co.jp")
    sent = 0

    def tap(by: str, data: bytes, encrypted: bool) -> None:
        nonlocal sent
        sent += len(data) if by == "S" else 0

    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: EngineProtocol(engine, tap), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), limit=2**16)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
    writer.write(b"a LOGIN goto secret\r\na SELECT INBOX\r\n" + b"t FETCH 1:* BODY.PEEK[]\r\n" * TIMES)
    while (before := sent) == 0 or before != sent:
        # No news for some turns of the loop: the server stands still.
        for _ in range(50):
            await asyncio.sleep(0)
    assert sent < MESSAGES * SIZE * TIMES / 4
    assert len(engine._output) < 4 * engine.max_output
    said = []
    while len(said) < TIMES:
        line = await reader.readline()
        said += [line] if line.startswith(b"t ") else []
        if line.endswith(b"{%d}\r\n" % SIZE):
            await reader.readexactly(SIZE)
    assert sent > MESSAGES * SIZE * TIMES
    writer.close()
    server.close()
    return said
