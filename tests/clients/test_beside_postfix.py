"""Our SMTP server beside Debian's Postfix: the same commands, command by command, get the same codes (RFC 5321 §4.2).

A step is what is sent, without its CRLF. A reason in a step says that the codes differ, and why that is right; should
they agree one day, the test says so too.
"""

from __future__ import annotations

import contextlib
import os
import socket
from typing import TYPE_CHECKING

import pytest

from mailkit.server.smtp_manner import SIZE_LIMIT

from .postfix import postfix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mailkit.net.publish import Published

pytestmark = [
    pytest.mark.clients,
    pytest.mark.skipif(os.geteuid() != 0, reason="Postfix changes users, and so starts only as root"),
]

Step = str | tuple[str, str]
HELLO, FROM, TO = "EHLO pc.example.com", "MAIL FROM:<yamada@example.com>", "RCPT TO:<goto@example.co.jp>"
LETTER = "Subject: x\r\n\r\nHello.\r\n."
BIG = SIZE_LIMIT + 1
SILENT = "RFC 5321 §7.3: who has a mailbox here is told to nobody; Postfix looks the name up"
KNOWN_VERB = "RFC 5321 §4.2.4: 502 where the verb is known and not offered; Postfix does not know it"
HAS_HELP = "RFC 5321 §4.5.1 asks for HELP where one can; Postfix has none"
NO_DOMAIN = "RFC 5321 §4.1.2 has no such domain; Postfix takes it"
NO_MAILBOX = "RFC 5321 §4.1.2 has no such mailbox; 501 and 553 are both in §4.3.2, Postfix takes some"
NO_LITERALS = "RFC 5321 §4.1.3: IPv6 literals are left out here, and mail for an IPv4 one is relaying"
RELAYING = "RFC 5321 §3.6.2: 550 for a relay that is refused; Postfix says 554"
NO_VALUE = "RFC 5321 §4.1.1.11: 501 for a value that the parameter cannot have; Postfix says 555"
NO_RECIPIENT = "RFC 5321 §3.3: 503 or 554 where no recipient was taken"


def _mail(parameters: Step) -> Step:
    if isinstance(parameters, str):
        return f"{FROM} {parameters}"
    return f"{FROM} {parameters[0]}", parameters[1]


DIALOGUES: dict[str, list[Step]] = {
    "before hello": [
        "NOOP", "RSET", FROM, TO, "DATA", ("VRFY goto", SILENT), ("EXPN goto", KNOWN_VERB), ("HELP", HAS_HELP),
        "NONSENSE", "", " ", "NOOP x", "QUIT",
    ],
    "hello": [
        "EHLO", "HELO", "EHLO ", "HELO  ", "EHLO pc", "HELO pc", "EHLO [127.0.0.1]", "EHLO [IPv6:::1]",
        ("EHLO a b", NO_DOMAIN), "EHLO under_score", ("EHLO -dash", NO_DOMAIN), ("EHLO [", NO_DOMAIN),
        ("EHLO []", NO_DOMAIN), "EHLO pc..x", ("EHLO .", NO_DOMAIN), ("EHLO pc.", NO_DOMAIN),
        ("EHLO <pc>", NO_DOMAIN), "ehlo pc", "EhLo pc", "HELO [127.0.0.1]", ("HELO a b", NO_DOMAIN),
    ],
    "order": [
        HELLO, TO, "DATA", FROM, FROM, ("DATA", NO_RECIPIENT), HELLO, TO, FROM, TO, FROM, "EHLO pc", "DATA", FROM,
        TO, "RSET", "DATA", FROM, TO, "NOOP", ("VRFY goto", SILENT), "DATA", LETTER, "DATA", TO, FROM, "HELO pc", TO,
        "RSET", "RSET",
    ],
    "arguments": [
        HELLO, "NOOP x y", "RSET x", "DATA x", FROM, ("DATA x", NO_RECIPIENT), TO, "DATA x", "RSET x", "RSET",
        "VRFY", ("VRFY a b", SILENT), "VRFY <goto@example.co.jp>", ("VRFY nobody", SILENT), ("EXPN", KNOWN_VERB),
        ("HELP x", HAS_HELP), ("QUIT x", "RFC 5321 §4.1.1.10: QUIT has no argument, and 501 is no end"),
        ("QUIT ", "Postfix has hung up"),
    ],
    "sender": [
        HELLO,
        *(step for sender in (
            "MAIL", "MAIL ", "MAIL FROM", "MAIL FROM:", "MAIL FROM: ", "MAIL FROM:<>",
            ("MAIL FROM: <a@b.example>", NO_MAILBOX), "MAIL FROM:a@b.example", "MAIL FROM:<a@b.example",
            "MAIL FROM:a@b.example>", ("MAIL FROM:<<a@b.example>>", NO_MAILBOX), ("MAIL FROM:<a>", NO_MAILBOX),
            ("MAIL FROM:<@b.example>", NO_MAILBOX), ("MAIL FROM:<a@>", NO_MAILBOX),
            ("MAIL FROM:<a@b@c.example>", NO_MAILBOX), ("MAIL FROM:<a b@c.example>", NO_MAILBOX),
            ("MAIL FROM:<a..b@c.example>", NO_MAILBOX), ("MAIL FROM:<.a@c.example>", NO_MAILBOX),
            ("MAIL FROM:<a.@c.example>", NO_MAILBOX), 'MAIL FROM:<"a b"@c.example>', 'MAIL FROM:<"a\\"b"@c.example>',
            'MAIL FROM:<"a@b"@c.example>', 'MAIL FROM:<"unclosed@c.example>',
            ('MAIL FROM:<""@c.example>', "RFC 5321 §4.1.2, Quoted-string may be empty"),
            "MAIL FROM:<a@[192.0.2.1]>", ("MAIL FROM:<a@[IPv6:2001:db8::1]>", NO_LITERALS),
            ("MAIL FROM:<a@[999.0.0.1]>", NO_MAILBOX), ("MAIL FROM:<a@[x]>", NO_MAILBOX),
            ("MAIL FROM:<a@-b.example>", NO_MAILBOX), ("MAIL FROM:<a@b..example>", NO_MAILBOX),
            ("MAIL FROM:<a@b.example.>", NO_MAILBOX), "MAIL FROM:<@x.example:a@b.example>",
            "MAIL FROM:<@x.example,@y.example:a@b.example>", "MAIL TO:<a@b.example>", "mail from:<a@b.example>",
            "MAIL FROM:<a@b.example> ", ("MAIL FROM:<Postmaster>", NO_MAILBOX),
            ("MAIL FROM:<\u00e9@b.example>", "RFC 6531 §3.5: 553 without SMTPUTF8; Postfix bears with it"),
            "MAIL FROM:<\u00e9@b.example> SMTPUTF8", ("MAIL FROM:<a(c)@b.example>", NO_MAILBOX),
            f"MAIL FROM:<{'a' * 64}@b.example>", f"MAIL FROM:<a@{'b' * 63}.example>",
            (f"MAIL FROM:<a@{'b' * 64}.example>", "RFC 1035 §2.3.4: 63 octets a label; here the whole is measured"),
        ) for step in (sender, "RSET")),
    ],
    "recipient": [
        HELLO, "MAIL FROM:<>", "RCPT", "RCPT TO", "RCPT TO:", ("RCPT TO:<>", NO_MAILBOX),
        ("RCPT TO: <goto@example.co.jp>", NO_MAILBOX), "RCPT TO:goto@example.co.jp", ("RCPT TO:<goto>", NO_MAILBOX),
        "RCPT TO:<goto@example.co.jp", "RCPT TO:<nobody@example.co.jp>", ("RCPT TO:<a@b.example>", RELAYING),
        "RCPT TO:<Postmaster>", "RCPT TO:<postmaster@example.co.jp>", "RCPT TO:<GOTO@EXAMPLE.CO.JP>",
        'RCPT TO:<"goto"@example.co.jp>', "RCPT TO:<@x.example:goto@example.co.jp>",
        ("RCPT TO:<goto%b.example@example.co.jp>", RELAYING), ("RCPT TO:<b.example!goto@example.co.jp>", RELAYING),
        ("RCPT TO:<goto@b.example@example.co.jp>", NO_MAILBOX), ("RCPT TO:<goto@[192.0.2.77]>", NO_LITERALS),
        "RCPT TO:<goto@example.co.jp> ", "RCPT TO:<goto@example.co.jp> X=1",
        ("RCPT TO:<goto@example.co.jp> NOTIFY=NEVER", "RFC 3461 is not offered here"),
        "RCPT FROM:<goto@example.co.jp>", "rcpt to:<goto@example.co.jp>", TO, TO, "DATA", LETTER,
    ],
    "parameters": [
        HELLO,
        *(step for parameters in (
            "SIZE=1", "SIZE=0", "SIZE=", ("SIZE", NO_VALUE), "SIZE=x", "SIZE=-1", f"SIZE={SIZE_LIMIT}",
            f"SIZE={BIG}", f"SIZE={'9' * 20}", (f"SIZE={'9' * 21}", "RFC 1870 §3: a size has up to 20 digits"),
            "size=1", "BODY=7BIT", "BODY=8BITMIME", "body=8bitmime", ("BODY=X", NO_VALUE), ("BODY", NO_VALUE),
            ("BODY=BINARYMIME", NO_VALUE), "SMTPUTF8", ("SMTPUTF8=x", NO_VALUE), "NONSENSE", "NONSENSE=1",
            ("=1", NO_VALUE), "SIZE=1 BODY=7BIT", "SIZE=1  BODY=7BIT",
            ("SIZE=1 SIZE=1", "RFC 5321 §4.1.1.11: a parameter stands once"),
            ("AUTH=<>", "RFC 4954 §5: a parameter only of a server that offers AUTH"), "A B", ("-X", NO_VALUE),
        ) for step in (_mail(parameters), "RSET")),
        f"{FROM}SIZE=1", "RSET", "HELO pc", (f"{FROM} SIZE=1", "RFC 5321 §4.1.4: HELO agreed upon no extension"),
    ],
    "content": [
        HELLO, FROM, TO, "DATA", ".", FROM, TO, "DATA", "..\r\n.", FROM, TO, "DATA", "no header\r\n.", FROM, TO,
        "DATA", f"Subject: x\r\n\r\n{'x' * 998}\r\n.", FROM, TO, "DATA", "\r\n\r\n.", FROM, TO, "DATA",
        "Subject: \u00e9\r\n\r\n\u00e9\r\n.", FROM, "RCPT TO:<nobody@example.co.jp>", ("DATA", NO_RECIPIENT), "RSET",
        "QUIT",
    ],
    "long lines": [
        HELLO, "NOOP " + "x" * 500, ("NOOP " + "x" * 3000, "RFC 5321 §4.5.3.1.4: a command has up to 512 octets"),
        FROM, "NONSENSE" * 60,
    ],
    "pipelined": [
        HELLO, f"{FROM}\r\n{TO}\r\nDATA", LETTER,
        f"RSET\r\nNOOP\r\n{FROM}\r\nRCPT TO:<nobody@example.co.jp>\r\nRSET",
    ],
    "not offered": [
        HELLO,
        *((verb, "RFC 5321 §4.2.4: 502 for what is not offered; Postfix says 503") for verb in ("AUTH", "AUTH PLAIN")),
        ("ETRN x", "RFC 1985 is not known here"),
    ],
    "old": [
        "SEND FROM:<a@b.example>", "SOML FROM:<a@b.example>", "SAML FROM:<a@b.example>", "TURN",
        ("HELP NOOP", HAS_HELP),
    ],
}  # fmt: skip


class Caller:
    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._file = self._socket.makefile("rb")

    def hear(self, replies: int = 1) -> list[str]:
        """Their codes; "gone" when the server has hung up."""
        codes: list[str] = []
        while len(codes) < replies:
            line = self._file.readline().decode()
            if not line:
                return [*codes, "gone"]
            if line[3:4] != "-":
                codes.append(line[:3])
        return codes

    def say(self, step: str, *, in_content: bool) -> list[str]:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._socket.sendall(step.encode() + b"\r\n")
            return self.hear(1 if in_content else step.count("\r\n") + 1)
        return ["gone"]

    def close(self) -> None:
        self._file.close()
        self._socket.close()


@pytest.fixture(scope="module")
def their_port() -> Iterator[int]:
    with postfix(SIZE_LIMIT) as port:
        yield port


@pytest.mark.parametrize("title", DIALOGUES)
def test_same_codes_as_postfix(title: str, their_port: int, door: Callable[..., Published]) -> None:
    ours, theirs = Caller(door(25, as_host="mail.example.com").port), Caller(their_port)
    assert ours.hear() == theirs.hear() == ["220"]
    found, in_content = [], False
    for step in DIALOGUES[title]:
        text, why = (step, "") if isinstance(step, str) else step
        mine, other = (peer.say(text, in_content=in_content) for peer in (ours, theirs))
        if (mine == other) is bool(why):
            found.append(f"{text[:100]} {why}\n  ours    {mine}\n  Postfix {other}")
        in_content = mine[-1:] == ["354"]
    ours.close()
    theirs.close()
    assert not found, "\n".join([f"{len(found)} codes differ", *found])
