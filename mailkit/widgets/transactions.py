"""Reads what was said in one SMTP conversation as mail transactions (RFC 5321 §3.3): envelope, letter, verdict.

Must not know: hosts, hops, pictures. Commands and replies are paired in order, so pipelining reads the same.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailkit.trace.dialogue import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mailkit.trace.transcript import Said

    Spoken = Sequence[tuple[int, Said]]
    """What was said in one conversation, each record with its place in the transcript."""

_PATH = re.compile(rb"(?:MAIL FROM|RCPT TO):\s*(<(?:\"(?:\\.|[^\"\\])*\"|[^>])*>|\S*)", re.IGNORECASE)
_END_OF_DATA = re.compile(rb"(?:^|\r\n)\.\r\n")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One command with its reply, or the content of a letter with the reply to it. `reply` "": none came."""

    verb: str
    command: bytes
    content: bytes | None
    began: int
    encrypted: bool
    reply: str = ""
    ended: int = -1
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Transaction:
    """One attempt to hand a letter over. `began` and `ended` are places in the transcript.

    The paths stand as they were sent, angle brackets included. `content` has dots unstuffed; None: it was
    never sent. `reply` is the deciding one, its last line; "": the conversation broke off before it.
    """

    began: int
    ended: int
    at: float
    reverse_path: str = ""
    forward_paths: tuple[str, ...] = ()
    refused_paths: tuple[tuple[str, str], ...] = ()
    content: bytes | None = None
    reply: str = ""
    encrypted: bool = False


@dataclass(slots=True)
class _Pairing:
    """Both ends' bytes on their way to becoming exchanges."""

    waiting: deque[Exchange] = field(default_factory=lambda: deque([Exchange("", b"", None, -1, False)]))
    client: bytes = b""
    server: bytes = b""
    in_content: bool = False

    def hear_client(self, index: int, said: Said) -> None:
        self.client += said.data
        self.cut_client(index, said.encrypted)

    def cut_client(self, index: int, encrypted: bool) -> None:
        """Turn whole lines into exchanges that wait; after DATA nothing may be read before its reply."""
        while not any(exchange.verb == "DATA" for exchange in self.waiting):
            if self.in_content:
                end = _END_OF_DATA.search(self.client)
                if end is None:
                    return
                content = _unstuffed(self.client[: end.end() - 3])
                exchange = Exchange("content", b"", content, index, encrypted)
                self.client, self.in_content = self.client[end.end() :], False
            else:
                line, newline, rest = self.client.partition(b"\r\n")
                if not newline:
                    return
                exchange = Exchange(_verb(line), line, None, index, encrypted)
                self.client = rest
            self.waiting.append(exchange)

    def hear_server(self, index: int, said: Said) -> Iterator[Exchange]:
        *lines, self.server = (self.server + said.data).split(b"\r\n")
        for line in lines:
            if line[3:4] == b"-" or not self.waiting:
                continue
            asked = self.waiting.popleft()
            yield Exchange(
                asked.verb, asked.command, asked.content, asked.began, asked.encrypted, visible(line), index, said.at
            )
            if asked.verb == "DATA" and line.startswith(b"354"):
                self.in_content = True
            self.cut_client(index, said.encrypted)

    def rest(self, index: int, at: float) -> Iterator[Exchange]:
        """What never got its reply."""
        if self.in_content and not self.waiting:
            self.waiting.append(Exchange("content", b"", self.client, index, False))
        for asked in self.waiting:
            yield Exchange(asked.verb, asked.command, asked.content, asked.began, asked.encrypted, "", index, at)


def _verb(line: bytes) -> str:
    return line[:4].strip().upper().decode("ascii", "replace")


def _unstuffed(content: bytes) -> bytes:
    return content.removeprefix(b".").replace(b"\r\n.", b"\r\n")


def exchanges(spoken: Spoken) -> list[Exchange]:
    """Every command with its reply, the greeting first (with an empty verb)."""
    pairing = _Pairing()
    found: list[Exchange] = []
    for index, said in spoken:
        if said.by == "S":
            found.extend(pairing.hear_server(index, said))
        else:
            pairing.hear_client(index, said)
    if spoken:
        found.extend(pairing.rest(spoken[-1][0], spoken[-1][1].at))
    return found


def transactions(spoken: Spoken) -> list[Transaction]:
    """Every transaction that was decided or broke off, in order; one that the client gave up itself is none.

    A conversation refused before MAIL (greeting, AUTH, STARTTLS) gives one without envelope.
    """
    found: list[Transaction] = []
    heard = exchanges(spoken)
    group: list[Exchange] = []
    for exchange in heard:
        if exchange.verb in ("MAIL", "RSET", "EHLO", "HELO", "QUIT"):
            found.extend(_read(group))
            group = [exchange] if exchange.verb == "MAIL" else []
        elif group:
            group.append(exchange)
    found.extend(_read(group))
    return found or _refused_before_mail(heard)


def _refused_before_mail(heard: list[Exchange]) -> list[Transaction]:
    decided = [exchange for exchange in heard if exchange.verb not in ("QUIT", "RSET")]
    if not decided or decided[-1].reply[:1] not in ("4", "5"):
        return []
    last = decided[-1]
    return [Transaction(max(decided[0].began, 0), last.ended, last.at, reply=last.reply, encrypted=last.encrypted)]


def _read(group: list[Exchange]) -> Iterator[Transaction]:
    """The transaction of the exchanges from MAIL on, unless nothing was decided in it."""
    if not group:
        return
    recipients = [exchange for exchange in group if exchange.verb == "RCPT"]
    content = next((exchange for exchange in group if exchange.verb == "content"), None)
    decisive = content or _last_refusal(group)
    if decisive is None:
        return
    yield Transaction(
        began=group[0].began,
        ended=decisive.ended,
        at=decisive.at,
        reverse_path=_path(group[0].command),
        forward_paths=tuple(_path(e.command) for e in recipients if e.reply.startswith("2")),
        refused_paths=tuple((_path(e.command), e.reply) for e in recipients if not e.reply.startswith("2")),
        content=content.content if content else None,
        reply=decisive.reply,
        encrypted=(content or group[0]).encrypted,
    )


def _last_refusal(group: list[Exchange]) -> Exchange | None:
    """The last MAIL, RCPT or DATA that was refused or got no reply."""
    told = [e for e in group if e.verb in ("MAIL", "RCPT", "DATA") and e.reply[:1] not in ("2", "3")]
    # "503 need RCPT" after every recipient was refused says less than the refusal of the recipient.
    return next((e for e in reversed(told) if e.verb != "DATA"), told[-1] if told else None)


def _path(command: bytes) -> str:
    found = _PATH.match(command)
    return visible(found[1] if found else command)
