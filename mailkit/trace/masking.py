"""Which bytes of a client's dialogue are a password: what a reader is shown instead of each line.

Every rule errs on the safe side: where it is not certain that a line is part of a message, it is read as a command.
Must not know: how lines are drawn, what the secret is good for.
"""

from __future__ import annotations

import re

MASK = "********"
_ARGUMENT = r'(?:"(?:\\.|[^"\\])*"|\S+)'
BEFORE_SECRET = rf"\s*(?:AUTH\s+\S+|PASS|(?:\S+\s+)?LOGIN\s+{_ARGUMENT}|\S+\s+AUTHENTICATE\s+\S+)\s+(?=\S)"
"""A secret that stands in the command itself follows this, in whatever case; JavaScript reads the pattern alike.

A forgotten tag does not make it less of a secret.
"""
_BEFORE_SECRET = re.compile(BEFORE_SECRET.encode(), re.IGNORECASE)
# A command after which the client's next lines, up to the server's verdict, are secrets.
_ASKS_FOR_SECRET = re.compile(rb"\s*(?:AUTH|\S+\s+AUTHENTICATE)(?:\s|$)", re.IGNORECASE)
_LOGIN = re.compile(rb"\s*(?:\S+\s+)?LOGIN(?:\s|$)", re.IGNORECASE)
_LITERAL = re.compile(rb"\{(\d+)\+?\}$")
_CONTINUE = re.compile(rb"334(?: |$)|\+(?: |$)")


class Masking:
    """Follows one conversation. Give it every line in order, without CRLF; a bare LF stands at its end."""

    def __init__(self, service: str) -> None:
        self._may_hold_content = service not in ("POP3", "IMAP4")
        self._may_hold_literals = service not in ("SMTP", "POP3")
        self._asked = self._in_exchange = False
        self._data_asked = self._in_content = False
        self._literal: int | None = None
        """Octets of an IMAP literal still to come (RFC 9051 §4.3); 0: the command goes on behind it; None: none."""
        self._tag, self._is_login = b"", False

    @property
    def in_content(self) -> bool:
        """Whether the client's next line belongs to a message that it is sending (RFC 5321 §4.1.1.4)."""
        return self._in_content

    @property
    def in_secret(self) -> bool:
        """Whether the client's next line is a secret as a whole."""
        return self._in_exchange or (self._literal is not None and self._is_login)

    def server(self, line: bytes) -> None:
        """Learn from what the server says what the client's next line is."""
        # Replies to commands sent before AUTH may still come in between, so `_asked` holds till the next command.
        self._in_exchange = self._asked and bool(_CONTINUE.match(line))
        if line.startswith(b"354") and self._data_asked:
            self._data_asked, self._in_content = False, True
        if self._literal is not None and line.split()[:1] == [self._tag]:  # it did not want the literal
            self._literal = None

    def client(self, line: bytes) -> bytes:
        """The line as it may be shown."""
        if self._in_content:
            self._in_content = line != b"."
            return line
        if self._literal is not None:
            return self._behind_literal(line, self._literal)
        if self._in_exchange:
            return MASK.encode()
        return self._command(line)

    def _command(self, line: bytes) -> bytes:
        self._asked = self._in_exchange = bool(_ASKS_FOR_SECRET.match(line))
        if self._may_hold_content:
            # A client that does not wait for 354 has sent its content already when the dot comes first.
            self._data_asked = line.strip().upper() == b"DATA" or (self._data_asked and line != b".")
        if self._may_hold_literals and (found := _LITERAL.search(line)):
            self._literal, self._tag = int(found[1]), line.split()[0]
            self._is_login = bool(_LOGIN.match(line)) or self._asked
        before = _BEFORE_SECRET.match(line)
        return before[0] + MASK.encode() if before else line

    def _behind_literal(self, line: bytes, octets: int) -> bytes:
        """A line that holds the rest of a literal, or what follows it in the command."""
        text = line.removesuffix(b"\n")
        if len(text) < octets:
            self._literal = max(octets - len(text) - (1 if line != text else 2), 0)
        else:
            more = _LITERAL.search(text, octets)
            self._literal = int(more[1]) if more else None
        return MASK.encode() if self._is_login else line
