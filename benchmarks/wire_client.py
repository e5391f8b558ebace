"""One client for every server that is measured: raw sockets, one command at a time, no library between.

So what differs between two servers in a table is the servers. Must not know: which server is at the other end.
"""

from __future__ import annotations

import base64
import socket

CHUNK = 1 << 20


class Wire:
    """A connection and what has been read of it."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.sock = socket.create_connection(address, timeout=120)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *failure: object) -> None:
        self.sock.close()

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def more(self) -> None:
        data = self.sock.recv(CHUNK)
        if not data:
            raise EOFError(f"the server hung up after {bytes(self.buffer[-200:])!r}")
        self.buffer += data

    def line(self) -> bytes:
        while (end := self.buffer.find(b"\r\n")) < 0:
            self.more()
        line = bytes(self.buffer[:end])
        del self.buffer[: end + 2]
        return line

    def until(self, end: bytes) -> int:
        """Read up to and with `end`; how many octets that was."""
        at = 0
        while (found := self.buffer.find(end, at)) < 0:
            at = max(0, len(self.buffer) - len(end))
            self.more()
        del self.buffer[: found + len(end)]
        return found + len(end)


class SMTP(Wire):
    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address)
        self.reply(b"220")
        self.command(b"EHLO client.example.com", b"250")

    def reply(self, code: bytes) -> None:
        while True:
            line = self.line()
            if not line.startswith(code):
                raise AssertionError(f"expected {code!r}, the server said {line!r}")
            if line[3:4] != b"-":
                return

    def command(self, line: bytes, code: bytes) -> None:
        self.send(line + b"\r\n")
        self.reply(code)

    def letter(self, body: bytes) -> None:
        """One transaction, each command after the reply to the one before. `body` ends with CRLF."""
        self.command(b"MAIL FROM:<a@example.com>", b"250")
        self.command(b"RCPT TO:<goto@example.co.jp>", b"250")
        self.command(b"DATA", b"354")
        self.send(body + b".\r\n")
        self.reply(b"250")


class POP3(Wire):
    def __init__(self, address: tuple[str, int], user: str, password: str) -> None:
        super().__init__(address)
        self.ok()
        for command in (f"USER {user}", f"PASS {password}"):
            self.send(command.encode() + b"\r\n")
            self.ok()

    def ok(self) -> bytes:
        line = self.line()
        if not line.startswith(b"+OK"):
            raise AssertionError(f"the server said {line!r}")
        return line

    def retr(self, number: int) -> int:
        self.send(b"RETR %d\r\n" % number)
        self.ok()
        return self.until(b"\r\n.\r\n")


class IMAP(Wire):
    def __init__(self, address: tuple[str, int], user: str, password: str) -> None:
        super().__init__(address)
        self.line()
        self.command(f"LOGIN {user} {password}".encode())

    def command(self, line: bytes) -> int:
        """Say it and wait for the tagged OK; how many octets the answer had."""
        self.send(b"T " + line + b"\r\n")
        return self.tagged()

    def tagged(self) -> int:
        """No letter in these tests has a line that begins with "T "."""
        size, at = 0, 0
        while True:
            found = 0 if self.buffer.startswith(b"T ") else self.buffer.find(b"\r\nT ", at) + 2
            if found >= 2 or self.buffer.startswith(b"T "):
                size += found
                del self.buffer[:found]
                line = self.line()
                if not line.startswith(b"T OK"):
                    raise AssertionError(f"the server said {line!r}")
                return size
            at = max(0, len(self.buffer) - 4)
            self.more()

    def append(self, letter: bytes) -> None:
        self.send(b"T APPEND INBOX {%d}\r\n" % len(letter))
        while not self.line().startswith(b"+"):
            pass
        self.send(letter + b"\r\n")
        self.tagged()

    def idle(self) -> None:
        self.send(b"T IDLE\r\n")
        while not self.line().startswith(b"+"):
            pass

    def wait_for_exists(self) -> None:
        while b"EXISTS" not in self.line():
            pass


def letter(size: int, number: int = 0, *, word: str = "") -> bytes:
    """A letter of `size` octets: a header as usual, then lines of text; `word` stands in its last line."""
    head = (
        "From: Yamada <yamada@example.com>\r\nTo: Goto <goto@example.co.jp>\r\n"
        f"Subject: number {number}\r\nMessage-ID: <{number}.bench@example.com>\r\n"
        "Date: Tue, 24 Nov 2026 09:00:00 +0900\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    ).encode()
    end = f"{word}\r\n".encode()
    line = base64.b64encode(bytes(range(57))) + b"\r\n"
    room = max(0, size - len(head) - len(end))
    text = (line * (room // len(line) + 1))[: max(0, room - 2)] + b"\r\n" if room > 2 else b""
    return head + text.replace(b"\r\r", b"=\r") + end
