"""msmtp hands in what a mail program or cron gives it, as sendmail did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import BODY, GOTO, MAIL_A, YAMADA, client_lines, letter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mailkit.lab.lab import Lab
    from mailkit.net.publish import Published

pytestmark = pytest.mark.clients
NO_PERMISSION, UNAVAILABLE, DATA_ERROR = 77, 69, 65  # sysexits.h


@pytest.fixture
def msmtp(
    lab: Lab, submission: Published, authority: Path, config: Callable[[str, str], Path], run: Callable[..., bytes]
) -> Callable[..., bytes]:
    def msmtp(*recipients: str, password: str | None = None, believed: str = MAIL_A, code: int = 0) -> bytes:
        settings = config(
            "msmtprc",
            f"account default\nhost {submission.host}\nport {submission.port}\nfrom {YAMADA}\n"
            f"tls on\ntls_starttls on\ntls_trust_file {authority}\ntls_host_override {believed}\n"
            f"auth plain\nuser yamada\npassword {password or lab.password(YAMADA)}\ntimeout 30\n",
        )
        # What it reads has LF alone, as on every Unix.
        text = letter("by msmtp").replace(b"\r\n", b"\n")
        return run("msmtp", "--file", settings, *recipients, stdin=text, code=code)

    return msmtp


def test_tls_and_auth_and_the_letter_arrives(lab: Lab, msmtp: Callable[..., bytes]) -> None:
    msmtp(GOTO)
    lab.settle()
    (message,) = lab.mailbox(GOTO)
    assert message.raw.endswith(BODY)
    assert b" with ESMTPSA id A1" in message.raw
    assert lab.queue(MAIL_A) == ()
    assert any(line.startswith(b"AUTH PLAIN") for line in client_lines(lab, encrypted=True))
    assert b"STARTTLS" in client_lines(lab, encrypted=False)


def test_a_wrong_password_is_told(lab: Lab, msmtp: Callable[..., bytes]) -> None:
    msmtp(GOTO, password="wrong", code=NO_PERMISSION)
    assert lab.mailbox(GOTO) == ()


def test_a_recipient_that_cannot_be_is_told_and_nothing_is_sent(lab: Lab, msmtp: Callable[..., bytes]) -> None:
    msmtp(GOTO, "nobody@example.com", code=DATA_ERROR)
    lab.settle()
    assert lab.mailbox(GOTO) == ()


def test_a_server_of_another_name_gets_no_password(lab: Lab, msmtp: Callable[..., bytes]) -> None:
    msmtp(GOTO, believed="mail.example.org", code=UNAVAILABLE)
    assert client_lines(lab, encrypted=True) == [b""]
