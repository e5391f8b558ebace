"""Small asyncio mail clients, hundreds of which fit into one process. Written for these tests alone.

Each says one protocol's words and knows nothing of loads. A reply that was not expected is an AssertionError.
"""

from __future__ import annotations

import asyncio
import base64
import re
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import ssl

    from mailkit.net.publish import Published

LITERAL = re.compile(rb"\{(\d+)\}\r\n$")


class Client:
    """A connection: lines and replies."""

    greeting = b""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def connect(cls, door: Published) -> Self:
        client = cls(*await asyncio.open_connection(door.host, door.port, limit=1 << 20))
        assert (line := await client._line()).startswith(cls.greeting), line
        return client

    async def log_in(self, user: str, password: str, context: ssl.SSLContext | None) -> None:
        """Under TLS, or where `context` is None in clear."""

    async def quit(self) -> None:
        """Take leave and see the line closed by the server."""
        assert await self._reader.read() == b""
        self._writer.close()
        await self._writer.wait_closed()

    async def _line(self) -> bytes:
        return await self._reader.readuntil(b"\r\n")

    async def _start_tls(self, context: ssl.SSLContext) -> None:
        await self._writer.start_tls(context, server_hostname="localhost")


class SMTPClient(Client):
    """Sends, with each letter's commands in one bundle (RFC 2920) when `send` is told so."""

    greeting = b"220 "

    async def hello(self) -> None:
        await self._command(b"EHLO client", b"250")

    async def log_in(self, user: str, password: str, context: ssl.SSLContext | None) -> None:
        await self.hello()
        if context:
            await self._command(b"STARTTLS", b"220")
            await self._start_tls(context)
            await self.hello()
        plain = base64.b64encode(f"\0{user}\0{password}".encode())
        await self._command(b"AUTH PLAIN " + plain, b"235")

    async def send(self, sender: str, recipient: str, letter: bytes, *, bundled: bool = False) -> None:
        words = [f"MAIL FROM:<{sender}>".encode(), f"RCPT TO:<{recipient}>".encode(), b"DATA"]
        codes = [b"250", b"250", b"354"]
        if bundled:
            self._writer.write(b"\r\n".join(words) + b"\r\n")
            for code in codes:
                await self._expect(code)
        else:
            for word, code in zip(words, codes, strict=True):
                await self._command(word, code)
        await self._command(letter.replace(b"\r\n.", b"\r\n..") + b".", b"250")

    async def quit(self) -> None:
        await self._command(b"QUIT", b"221")
        await super().quit()

    async def _command(self, data: bytes, code: bytes) -> None:
        self._writer.write(data + b"\r\n")
        await self._expect(code)

    async def _expect(self, code: bytes) -> None:
        while (line := await self._line())[3:4] == b"-":
            pass
        assert line.startswith(code), line


class POP3Client(Client):
    """Takes what is there; `delete` holds only when `quit` has been answered."""

    greeting = b"+OK"

    async def log_in(self, user: str, password: str, context: ssl.SSLContext | None) -> None:
        if context:
            await self._command(b"STLS")
            await self._start_tls(context)
        await self._command(f"USER {user}".encode())
        await self._command(f"PASS {password}".encode())

    async def count(self) -> int:
        return int((await self._command(b"STAT")).split()[1])

    async def retrieve(self, number: int) -> bytes:
        await self._command(b"RETR %d" % number)
        raw = await self._reader.readuntil(b"\r\n.\r\n")
        return raw.removesuffix(b".\r\n").replace(b"\r\n.", b"\r\n")

    async def delete(self, number: int) -> None:
        await self._command(b"DELE %d" % number)

    async def quit(self) -> None:
        await self._command(b"QUIT")
        await super().quit()

    async def _command(self, data: bytes) -> bytes:
        self._writer.write(data + b"\r\n")
        line = await self._line()
        assert line.startswith(b"+OK"), (data, line)
        return line


class IMAPClient(Client):
    """`command` returns the untagged answers, each with its literals."""

    greeting = b"* OK"

    async def log_in(self, user: str, password: str, context: ssl.SSLContext | None) -> None:
        if context:
            await self.command("STARTTLS")
            await self._start_tls(context)
        await self.command(f"LOGIN {user} {password}")

    async def command(self, words: str) -> list[bytes]:
        self._writer.write(f"T {words}\r\n".encode())
        answers = []
        while not (answer := await self._answer()).startswith(b"T "):
            answers.append(answer)
        assert answer.startswith(b"T OK"), (words, answer)
        return answers

    async def fetch(self) -> dict[int, bytes]:
        """All of the mailbox: messages by UID."""
        found = {}
        for answer in await self.command("UID FETCH 1:* (UID BODY.PEEK[])"):
            if literal := re.search(rb"UID (\d+) BODY\[\] \{(\d+)\}\r\n", answer):
                found[int(literal[1])] = answer[literal.end() : literal.end() + int(literal[2])]
        return found

    async def idle(self, seconds: float) -> list[bytes]:
        """What the server tells of its own accord: the first piece of news and what comes with it, or nothing."""
        self._writer.write(b"T IDLE\r\n")
        news = []
        while not (line := await self._line()).startswith(b"+"):
            news.append(line)
        try:
            async with asyncio.timeout(seconds):
                news.append(await self._line())
        except TimeoutError:
            pass
        self._writer.write(b"DONE\r\n")
        while not (line := await self._line()).startswith(b"T "):
            news.append(line)
        assert line.startswith(b"T OK"), line
        return news

    async def quit(self) -> None:
        await self.command("LOGOUT")
        await super().quit()

    async def _answer(self) -> bytes:
        answer = await self._line()
        while literal := LITERAL.search(answer):
            answer += await self._reader.readexactly(int(literal[1])) + await self._line()
        return answer
