"""The offer of TLS is taken out, and every other octet stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailkit.server.middle import without_tls
from mailkit.server.turns import Command

if TYPE_CHECKING:
    from mailkit.server.verbs import Service


@pytest.mark.parametrize(
    ("service", "verb", "reply", "left"),
    [
        ("SMTP", "EHLO", b"250-a\r\n250-STARTTLS\r\n250 HELP\r\n", b"250-a\r\n250 HELP\r\n"),
        ("SMTP", "EHLO", b"250-a\r\n250-HELP\r\n250 starttls\r\n", b"250-a\r\n250 HELP\r\n"),
        ("SMTP", "HELP", b"250 STARTTLS\r\n", b"250 STARTTLS\r\n"),
        ("POP3", "CAPA", b"+OK\r\nUIDL\r\nSTLS\r\n.\r\n", b"+OK\r\nUIDL\r\n.\r\n"),
        ("POP3", "RETR", b"+OK\r\nSTLS\r\n.\r\n", b"+OK\r\nSTLS\r\n.\r\n"),
        (
            "IMAP4",
            "CONNECT",
            b"* OK [CAPABILITY IMAP4rev1 STARTTLS ID] hi\r\n",
            b"* OK [CAPABILITY IMAP4rev1 ID] hi\r\n",
        ),
        (
            "IMAP4",
            "CAPABILITY",
            b"* CAPABILITY IMAP4rev1 STARTTLS\r\na OK STARTTLS\r\n",
            b"* CAPABILITY IMAP4rev1\r\na OK STARTTLS\r\n",
        ),
        ("IMAP4", "FETCH", b"* CAPABILITY STARTTLS\r\n", b"* CAPABILITY STARTTLS\r\n"),
    ],
)
def test_only_the_offer_goes(service: Service, verb: str, reply: bytes, left: bytes) -> None:
    assert without_tls(service, Command(verb), reply) == left
