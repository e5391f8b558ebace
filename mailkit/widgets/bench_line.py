"""A mail program's line to its server: a command out, its whole answer in, always within a patience.

imaplib keeps news by kind, and so loses their order; before Python 3.14 it has no IDLE, and after one wait that
ended too soon it never reads again. So the bench speaks for itself, over the console's patient line.
Must not know: what an answer means.
"""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, NamedTuple

from mailkit.locale import _
from mailkit.trace.dialogue import visible
from mailkit.trace.transcript import Closed, Dialled, Said
from mailkit.widgets.console_line import PATIENCE, ConsoleLine

if TYPE_CHECKING:
    from mailkit.lab.clients import LabHost
    from mailkit.trace.transcript import Flow, Record, Transcript

_LITERAL = re.compile(rb"\{(\d{1,9})\}\r\n$")


class Refusal(Exception):
    """The server said no, and the conversation goes on; the text is its reply."""


class Lost(OSError):
    """There is no line any more, or no answer in time: the sentence says which."""


class Response(NamedTuple):
    """What an IMAP server said in one go: its text without CRLF and without the octets of a literal."""

    text: bytes
    literal: bytes = b""


class ServerLine:
    """One connection. OSError when there is none."""

    def __init__(self, host: LabHost, name: str, port: int, transcript: Transcript) -> None:
        self._host, self._port = host.name, port
        self.flow: Flow | None = None
        self._said = self._heard = 0
        self._closed = threading.Event()
        self._forget = transcript.follow(self._recorded)
        try:
            self._line = ConsoleLine(host, name, port)
        except OSError:
            self._forget()
            raise

    def _recorded(self, record: Record) -> None:
        # On the lab's own thread: it only counts.
        if self.flow is None and isinstance(record, Dialled):
            self.flow = record.flow if record.flow.client == self._host and record.flow.port == self._port else None
        elif isinstance(record, Said) and record.flow == self.flow and record.by == "S":
            self._said += record.data.count(b"\n")
        elif isinstance(record, Closed) and record.flow == self.flow:
            self._closed.set()

    def has_news(self) -> bool:
        """The server has said something that was not read yet."""
        return self._heard < self._said

    @property
    def is_tls(self) -> bool:
        """Whether the wire shows noise."""
        return self._line.is_tls

    def say(self, line: bytes) -> None:
        """Send one line. Lost when nobody is there."""
        try:
            self._line.say(line + b"\r\n")
        except OSError as error:
            raise self._gone() from error

    def hear(self) -> bytes:
        """The next line, with its end. Lost when none comes."""
        line = self._line.line(wait=True)
        if line is None:
            self._heard = self._said  # a fault may have swallowed a line: it is waited for once
            raise self._gone()
        self._heard += 1
        return line

    def _gone(self) -> Lost:
        if self._line.ended:
            return Lost(_("the server has closed the connection"))
        return Lost(_("no answer for {seconds:.0f} seconds").format(seconds=PATIENCE))

    def begin_tls(self) -> None:
        """TLS from here on. OSError when the certificate is not believed."""
        self._line.begin_tls()

    def close(self) -> None:
        """Hang up without a word, and wait until the server has seen it."""
        self._line.close()
        if self.flow is not None and not self._closed.is_set():
            self._closed.wait(PATIENCE)
        self._forget()


class POP3Line(ServerLine):
    """RFC 1939 §3: one status line for each command; some go on up to a line that is a dot."""

    def ask(self, command: str) -> str:
        """The text behind +OK; Refusal for anything else."""
        if command:
            self.say(command.encode())
        reply = visible(self.hear().rstrip(b"\r\n"))
        if not reply.startswith("+OK"):
            raise Refusal(reply)
        return reply[3:].strip()

    def ask_many(self, command: str) -> list[bytes]:
        """The lines behind +OK, without their ends, a doubled dot single again."""
        self.ask(command)
        lines = []
        while (line := self.hear().removesuffix(b"\r\n")) != b".":
            lines.append(line.removeprefix(b"."))
        return lines


class IMAPLine(ServerLine):
    """RFC 9051 §2.2: a tag before each command, untagged responses at any time."""

    def __init__(self, host: LabHost, name: str, port: int, transcript: Transcript) -> None:
        super().__init__(host, name, port, transcript)
        self._number = 0

    def ask(self, command: str) -> list[Response]:
        """All responses to it in order, the tagged OK last; Refusal for NO and BAD."""
        return self.finish(self.start(command))

    def start(self, command: str) -> str:
        """Send a command, and come back with its tag."""
        self._number += 1
        tag = f"a{self._number}"
        self.say(f"{tag} {command}".encode())
        return tag

    def finish(self, tag: str) -> list[Response]:
        """Responses up to the tagged one."""
        responses = []
        while True:
            response = self.response()
            responses.append(response)
            if response.text.startswith(tag.encode() + b" "):
                break
        status = response.text.split(b" ")[1].upper()
        if status != b"OK":
            raise Refusal(visible(response.text))
        return responses

    def response(self) -> Response:
        """One response, a literal in it (RFC 9051 §4.3) read whole."""
        text, literal = b"", b""
        line = self.hear()
        while found := _LITERAL.search(line):
            text += line[: found.start()]
            literal, line = self._literal(int(found[1]))
        return Response(text + line.rstrip(b"\r\n"), literal)

    def _literal(self, octets: int) -> tuple[bytes, bytes]:
        data = b""
        while len(data) < octets:
            data += self.hear()
        return data[:octets], data[octets:] or self.hear()
