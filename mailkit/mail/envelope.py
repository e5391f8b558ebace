"""Addresses, the envelope, and the trace header fields that servers add (RFC 5321 §2.3.1, §4.4).

Must not know: sockets, clocks, who is asking. Time and ids come in as arguments.
"""

from __future__ import annotations

import re
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

CRLF = b"\r\n"
MAX_HOPS = 100
"""More `Received` fields than this mean a loop (RFC 5321 §6.3)."""

# Mailbox = Local-part "@" Domain (RFC 5321 §4.1.2, RFC 6531 §3.3), without source routes. An address literal in
# place of a domain (§4.1.3) is taken for IPv4, as hosts here have it.
# The classes name what is left out: listing all of Unicode beyond ASCII would take 20 ms to compile.
_ATEXT = r"[^\x00-\x20\"(),.:;<>@\[\\\]\x7f]"
_ALNUM = r"[^\x00-/:-@\[-`{-\x7f]"
_LABEL = rf"{_ALNUM}(?:(?:{_ALNUM}|-)*{_ALNUM})?"
_QUOTED = r'"(?:[ !#-\[\]-~]|\\[ -~])*"'
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_LITERAL = rf"\[{_OCTET}(?:\.{_OCTET}){{3}}\]"
_MAILBOX = re.compile(
    rf"(?P<local>{_ATEXT}+(?:\.{_ATEXT}+)*|{_QUOTED})@(?P<domain>{_LABEL}(?:\.{_LABEL})*|{_LITERAL})", re.ASCII
)


class Address(NamedTuple):
    """A mailbox name: `local` keeps its case, `domain` is lower case (RFC 5321 §2.4)."""

    local: str
    domain: str

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `local@domain`. ValueError says what was found when it is not one."""
        return _address(text)

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


# A letter's addresses are read at each command, in the queue and at delivery; a server meets the same ones all day.
@lru_cache(maxsize=1024)
def _address(text: str) -> Address:
    match = _MAILBOX.fullmatch(text) if len(text) <= 64 + 1 + 255 else None
    if match is None or len(match["local"]) > 64 or len(match["domain"]) > 255:
        raise ValueError(f"{text[:80]!r} is no mail address; expected local-part@domain, such as goto@example.co.jp")
    return Address(match["local"], match["domain"].lower())


# Time stands still in a lab for most of the time.
_date = lru_cache(maxsize=8)(format_datetime)


class Envelope(NamedTuple):
    """What MAIL FROM and RCPT TO said. It alone decides delivery; the header is never asked.

    `reverse_path` is an address, or "" for the null reverse-path of a bounce.
    """

    reverse_path: str
    forward_paths: tuple[str, ...]

    def to(self, forward_paths: Iterable[str]) -> Envelope:
        """The same envelope for these recipients alone."""
        return self._replace(forward_paths=tuple(forward_paths))

    def by_domain(self) -> dict[str, Envelope]:
        """One envelope for each recipient domain, in the order in which the domains first appear."""
        domains: dict[str, list[str]] = {}
        for path in self.forward_paths:
            domains.setdefault(Address.parse(path).domain, []).append(path)
        return {domain: self.to(paths) for domain, paths in domains.items()}


class Received(NamedTuple):
    """The trace line that each server puts on top (RFC 5321 §4.4)."""

    helo: str
    client: str
    client_address: str
    by: str
    protocol: str
    """ESMTP, ESMTPS (TLS), ESMTPA (authenticated) or ESMTPSA (both): RFC 3848. UTF8SMTP…: RFC 6531 §4.3."""
    queue_id: str
    at: datetime
    recipient: str | None = None
    """Named only when there is exactly one: naming several would show each of them the others."""

    def field(self) -> bytes:
        """The folded header field, CRLF included."""
        recipient = f" for <{self.recipient}>" if self.recipient else ""
        lines = (
            f"Received: from {self.helo} ({self.client} [{self.client_address}])",
            f"\tby {self.by} with {self.protocol} id {self.queue_id}{recipient};",
            f"\t{_date(self.at)}",
        )
        return b"".join(line.encode() + CRLF for line in lines)


def return_path(reverse_path: str) -> bytes:
    """The field that final delivery puts on top: the envelope's sender, kept for bounces (RFC 5321 §4.4)."""
    return b"Return-Path: <" + reverse_path.encode() + b">" + CRLF


def header_fields(raw: bytes) -> list[tuple[str, str]]:
    """(name, unfolded value) of each header field of `raw`, from the top, up to the empty line."""
    fields: list[tuple[str, str]] = []
    if raw.startswith(CRLF):
        return fields
    for line in raw.partition(CRLF + CRLF)[0].split(CRLF):
        text = line.decode("utf-8", "replace")
        if text[:1] in (" ", "\t") and fields:
            name, value = fields[-1]
            fields[-1] = (name, f"{value} {text.strip()}")
        elif ":" in text:
            name, _, value = text.partition(":")
            fields.append((name, value.strip()))
    return fields
