"""SMTPUTF8 (RFC 6531): curl sends to an address in Japanese, by way of two servers; getting there takes it on each."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from mailkit.lab.lab import Lab
from mailkit.lab.story import two_domains
from mailkit.lab.topology import User

from .conftest import MAIL_B, YAMADA, client_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mailkit.net.publish import Published

pytestmark = pytest.mark.clients
GOTO = "後藤@example.co.jp"
LETTER = f"From: <{YAMADA}>\r\nTo: 後藤 <{GOTO}>\r\nSubject: お久しぶりです\r\n\r\nHello\r\n"


@pytest.fixture
def lab() -> Iterator[Lab]:
    world = two_domains()
    company_a, company_b = world.servers
    company_b = company_b._replace(users=(*company_b.users, User(GOTO)))
    with Lab(dataclasses.replace(world, servers=(company_a, company_b)), name="utf8", carrier="tcp") as lab:
        yield lab


@pytest.fixture
def curl(lab: Lab, run: Callable[..., bytes], authority: Path, home: Path) -> Callable[..., bytes]:
    """`curl(door, …)` submits the letter."""
    (home / "letter").write_text(LETTER, encoding="utf-8", newline="")

    def curl(door: Published, *options: object) -> bytes:
        fixed = ["-q", "--silent", "--show-error", "--noproxy", "*", "--ssl-reqd", "--cacert", authority]
        login = ["--user", f"yamada:{lab.password(YAMADA)}", "--mail-from", YAMADA, "--mail-rcpt", GOTO]
        return run("curl", *fixed, *login, "--upload-file", home / "letter", *options, f"smtp://localhost:{door.port}/")

    return curl


def test_it_arrives_byte_for_byte(lab: Lab, submission: Published, curl: Callable[..., bytes]) -> None:
    curl(submission)
    lab.settle()
    (message,) = lab.mailbox(GOTO)
    assert message.raw.endswith(LETTER.encode())
    assert [words in message.raw for words in (b" with UTF8SMTPSA id A1", b" with UTF8SMTP id B1")] == [True, True]
    for encrypted in (True, False):
        mail = [line for line in client_lines(lab, encrypted=encrypted) if line.startswith(b"MAIL ")]
        assert [line.endswith(b" SMTPUTF8") or b" SMTPUTF8 " in line for line in mail] == [True], mail
    assert lab.queue(MAIL_B) == ()
