"""Small asyncio mail clients, hundreds of which fit into one process. Written for these tests alone.

Each connects and then waits at `gate` until all the others are connected too.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

    from mailkit.net.publish import Published

MESSAGE_ID = re.compile(rb"^Message-ID: <([^>]+)>\r$", re.MULTILINE)
ROUNDS = 400
"""How often a reader looks for mail that does not come, before he gives up."""


class Client:
    """A connection: lines and replies. `gate` is passed when everybody is there."""

    def __init__(self, door: Published, gate: asyncio.Barrier) -> None:
        self._door, self._gate = door, gate

    async def connect(self, greeting: bytes) -> None:
        self.reader, self.writer = await asyncio.open_connection(self._door.host, self._door.port, limit=1 << 20)
        assert (await self.line()).startswith(greeting)
        await self._gate.wait()

    async def line(self) -> bytes:
        return await self.reader.readuntil(b"\r\n")

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


class Sender(Client):
    """SMTP."""

    async def command(self, data: bytes, code: bytes) -> None:
        self.writer.write(data + b"\r\n")
        while (line := await self.line())[3:4] == b"-":
            pass
        assert line.startswith(code), (data[:40], line)

    async def log_in(self, context: ssl.SSLContext, plain: bytes) -> None:
        await self.command(b"STARTTLS", b"220")
        await self.writer.start_tls(context, server_hostname="localhost")
        await self.command(b"EHLO client", b"250")
        await self.command(b"AUTH PLAIN " + plain, b"235")

    async def send(self, sender: str, recipient: str, letter: bytes) -> None:
        await self.command(f"MAIL FROM:<{sender}>".encode(), b"250")
        await self.command(f"RCPT TO:<{recipient}>".encode(), b"250")
        await self.command(b"DATA", b"354")
        await self.command(letter + b".", b"250")


class POP3Reader(Client):
    """Takes what is there and deletes it, again and again, until `wanted` letters have come."""

    async def ok(self, data: bytes) -> None:
        self.writer.write(data + b"\r\n")
        line = await self.line()
        assert line.startswith(b"+OK"), (data, line)

    async def fetch(self, user: str, password: str, wanted: int) -> list[bytes]:
        await self.connect(b"+OK")
        got: list[bytes] = []
        for _ in range(ROUNDS):
            await self.ok(f"USER {user}".encode())
            await self.ok(f"PASS {password}".encode())
            got += await self._take_all()
            await self.ok(b"QUIT")
            await self.close()
            if len(got) >= wanted:
                return got
            await asyncio.sleep(0.1)
            self.reader, self.writer = await asyncio.open_connection(self._door.host, self._door.port)
            await self.line()
        return got

    async def _take_all(self) -> list[bytes]:
        self.writer.write(b"STAT\r\n")
        count = int((await self.line()).split()[1])
        found: list[bytes] = []
        for number in range(1, count + 1):
            await self.ok(f"RETR {number}".encode())
            found += MESSAGE_ID.findall(await self.reader.readuntil(b"\r\n.\r\n"))
            await self.ok(f"DELE {number}".encode())
        return found


class IMAPReader(Client):
    """Idles until `wanted` letters rest in the inbox, fetches each by its UID, flags the half and expunges it."""

    async def tagged(self, data: bytes) -> bytes:
        self.writer.write(b"T " + data + b"\r\n")
        answer = b""
        while not answer.startswith(b"T ") and b"\r\nT " not in answer:
            answer += await self.line()
        assert b"T OK" in answer, (data, answer[-200:])
        return answer

    async def fetch(self, user: str, password: str, wanted: int) -> list[bytes]:
        await self.connect(b"* OK")
        await self.tagged(f"LOGIN {user} {password}".encode())
        exists = _exists(await self.tagged(b"SELECT INBOX"))
        while exists < wanted:
            exists = max(exists, await self._idle(exists))
        got = MESSAGE_ID.findall(await self.tagged(b"UID FETCH 1:* (BODY.PEEK[])"))
        await self.tagged(rf"UID STORE 1:{wanted // 2} +FLAGS.SILENT (\Deleted)".encode())
        expunged = await self.tagged(b"EXPUNGE")
        assert expunged.count(b" EXPUNGE\r\n") == wanted // 2
        await self.tagged(b"LOGOUT")
        await self.close()
        return got

    async def _idle(self, exists: int) -> int:
        self.writer.write(b"T IDLE\r\n")
        while not (line := await self.line()).startswith(b"+"):
            exists = max(exists, _exists(line))
        while (told := _exists(await self.line())) <= exists:
            pass
        self.writer.write(b"DONE\r\n")
        while not (line := await self.line()).startswith(b"T OK"):
            told = max(told, _exists(line))
        return told


def _exists(answer: bytes) -> int:
    return max((int(number) for number in re.findall(rb"\* (\d+) EXISTS", answer)), default=0)
