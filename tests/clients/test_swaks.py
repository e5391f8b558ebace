"""swaks, the testers' Swiss army knife for SMTP: mechanisms, TLS, pipelining, refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import GOTO, MAIL_A, YAMADA, client_lines, server_said, subjects

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mailkit.lab.lab import Lab
    from mailkit.net.publish import Published

pytestmark = pytest.mark.clients
RCPT_REFUSED, AUTH_FAILED = 24, 28


@pytest.fixture
def swaks(run: Callable[..., bytes]) -> Callable[..., str]:
    """`swaks(door, …)` sends one letter from Yamada to Goto and returns the dialogue as swaks saw it."""

    def swaks(door: Published, *options: object, code: int = 0) -> str:
        fixed = ["--server", door.host, "--port", door.port, "--from", YAMADA, "--helo", "yamada-pc.example.com"]
        to = [] if "--to" in options else ["--to", GOTO]
        return run("swaks", *fixed, *to, "--timeout", "30", *options, code=code).decode()

    return swaks


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_it_logs_in_under_tls_and_the_letter_arrives(
    lab: Lab, submission: Published, swaks: Callable[..., str], authority: Path, mechanism: str
) -> None:
    login = ["--auth", mechanism, "--auth-user", "yamada", "--auth-password", lab.password(YAMADA)]
    dialogue = swaks(
        submission, "--tls", "--tls-verify", "--tls-ca-path", authority, *login, "--header", "Subject: tls"
    )
    lab.settle()
    assert subjects(lab.mailbox(GOTO)) == ["tls"]
    assert "<~  235 2.7.0 " in dialogue
    assert any(line.startswith(f"AUTH {mechanism}".encode()) for line in client_lines(lab, encrypted=True))
    assert lab.queue(MAIL_A) == ()


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_a_wrong_password_is_refused(
    lab: Lab, submission: Published, swaks: Callable[..., str], mechanism: str
) -> None:
    login = ["--auth", mechanism, "--auth-user", "yamada", "--auth-password", "wrong"]
    assert "<~* 535 5.7.8 " in swaks(submission, "--tls", *login, code=AUTH_FAILED)
    assert lab.mailbox(GOTO) == ()


def test_auth_is_not_on_offer_before_tls(lab: Lab, submission: Published, swaks: Callable[..., str]) -> None:
    login = ["--auth", "PLAIN", "--auth-user", "yamada", "--auth-password", lab.password(YAMADA)]
    swaks(submission, *login, code=AUTH_FAILED)
    assert not any(line.startswith(b"AUTH") for line in client_lines(lab, encrypted=False))


def test_submission_without_a_login_is_refused(lab: Lab, submission: Published, swaks: Callable[..., str]) -> None:
    swaks(submission, "--tls", code=23)
    assert b"\r\n530 5.7.0 " in server_said(lab)
    assert lab.mailbox(GOTO) == ()


def test_pipelined_commands_are_answered_in_order(
    lab: Lab, door: Callable[..., Published], swaks: Callable[..., str]
) -> None:
    dialogue = swaks(door(25), "--pipeline", "--header", "Subject: in a bundle")
    lab.settle()
    assert subjects(lab.mailbox(GOTO)) == ["in a bundle"]
    bundle = [f" -> MAIL FROM:<{YAMADA}>", f" -> RCPT TO:<{GOTO}>", " -> DATA"]
    at = dialogue.splitlines().index(bundle[0])
    assert dialogue.splitlines()[at : at + 3] == bundle


def test_pipelining_survives_tls_a_login_and_a_refusal(
    lab: Lab, submission: Published, swaks: Callable[..., str], authority: Path
) -> None:
    login = ["--auth", "PLAIN", "--auth-user", "yamada", "--auth-password", lab.password(YAMADA)]
    secure = ["--tls", "--tls-verify", "--tls-ca-path", authority, *login]
    dialogue = swaks(submission, *secure, "--pipeline", "--to", f"nobody@example.com,{GOTO}", "--header", "Subject: 1")
    lab.settle()
    assert subjects(lab.mailbox(GOTO)) == ["1"]
    replies = [line[4:7] for line in dialogue.splitlines() if line.startswith(("<~  ", "<~* ", "<~**"))]
    assert replies[-6:] == ["250", "550", "250", "354", "250", "221"]


def test_a_stranger_is_not_relayed_for(lab: Lab, door: Callable[..., Published], swaks: Callable[..., str]) -> None:
    dialogue = swaks(door(25, as_host="goto-mobile"), "--to", "victim@example.org", code=RCPT_REFUSED)
    assert "<** 550 5.7.1 " in dialogue
    assert lab.queue("mail.example.co.jp") == ()


def test_one_good_recipient_of_two_gets_his_copy(
    lab: Lab, door: Callable[..., Published], swaks: Callable[..., str]
) -> None:
    dialogue = swaks(door(25), "--to", f"nobody@example.co.jp,{GOTO}", "--header", "Subject: half")
    lab.settle()
    assert "<** 550 5.1.1 " in dialogue
    assert subjects(lab.mailbox(GOTO)) == ["half"]


def test_the_firewall_holds_for_it_too(lab: Lab, door: Callable[..., Published], swaks: Callable[..., str]) -> None:
    """Goto's mobile PC is on the internet; no rule lets it fetch by POP3, and the default drops."""
    swaks(door(110, as_host="goto-mobile"), "--timeout", "1", code=21)
    assert lab.mailbox(GOTO) == ()
