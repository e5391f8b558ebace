"""mpop fetches by POP3 and knows by UIDL what it has had."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import BODY, GOTO, MAIL_B, client_lines, subjects

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mailkit.lab.lab import Lab
    from mailkit.net.publish import Published

pytestmark = pytest.mark.clients


@pytest.fixture
def maildir(home: Path) -> Path:
    for part in ("cur", "new", "tmp"):
        (home / "Maildir" / part).mkdir(parents=True)
    return home / "Maildir"


@pytest.fixture
def mpop(
    lab: Lab,
    door: Callable[..., Published],
    authority: Path,
    maildir: Path,
    config: Callable[[str, str], Path],
    run: Callable[..., bytes],
) -> Callable[..., list[bytes]]:
    """`mpop(keep="on")` fetches once and returns what is in the Maildir, oldest first."""
    pop3 = door(110)

    def mpop(keep: str = "on", code: int = 0, tls: str = "on") -> list[bytes]:
        settings = config(
            "mpoprc",
            f"account default\nhost {pop3.host}\nport {pop3.port}\nkeep {keep}\n"
            f"tls {tls}\ntls_starttls {tls}\ntls_trust_file {authority}\ntls_host_override {MAIL_B}\n"
            f"auth user\nuser goto\npassword {lab.password(GOTO)}\ndelivery maildir {maildir}\ntimeout 30\n",
        )
        run("mpop", "--file", settings, code=code)
        # It adds a Received field of its own and stores LF alone.
        return sorted((path.read_bytes() for path in (maildir / "new").iterdir()), key=lambda raw: subjects([raw]))

    return mpop


def test_what_is_left_on_the_server_comes_once(
    lab: Lab, mpop: Callable[..., list[bytes]], deliver: Callable[..., list[bytes]]
) -> None:
    deliver("1", "2")
    first = mpop()
    assert subjects(first) == ["1", "2"]
    assert all(raw.endswith(BODY.replace(b"\r\n", b"\n")) for raw in first)
    assert mpop() == first
    deliver("3")
    assert subjects(mpop()) == ["1", "2", "3"]
    assert subjects(lab.mailbox(GOTO)) == ["1", "2", "3"]
    lines = client_lines(lab, encrypted=True)
    assert lines.count(b"UIDL") == 3
    assert len([line for line in lines if line.startswith(b"RETR ")]) == 3
    assert not any(line.startswith((b"USER", b"PASS")) for line in client_lines(lab, encrypted=False))


def test_without_keep_the_server_is_empty_afterwards(
    lab: Lab, mpop: Callable[..., list[bytes]], deliver: Callable[..., list[bytes]]
) -> None:
    deliver("1", "2")
    assert subjects(mpop(keep="off")) == ["1", "2"]
    assert lab.mailbox(GOTO) == ()
    assert subjects(mpop(keep="off")) == ["1", "2"]


def test_it_does_without_tls_where_the_server_does(
    mpop: Callable[..., list[bytes]], deliver: Callable[..., list[bytes]]
) -> None:
    deliver("1")
    assert subjects(mpop(tls="off")) == ["1"]
