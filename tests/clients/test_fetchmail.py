"""fetchmail empties a mailbox, by POP3 or by IMAP, into whatever delivers here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import GOTO, MAIL_B, client_lines, subjects

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mailkit.lab.lab import Lab
    from mailkit.net.publish import Published

pytestmark = pytest.mark.clients
NO_MAIL, LOGIN_FAILED = 1, 3
PORTS = {"pop3": 110, "imap": 143}


@pytest.fixture(params=["pop3", "imap"])
def protocol(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def fetchmail(
    lab: Lab,
    door: Callable[..., Published],
    protocol: str,
    authority: Path,
    home: Path,
    config: Callable[[str, str], Path],
    run: Callable[..., bytes],
) -> Callable[..., list[str]]:
    """`fetchmail("keep")` fetches once and returns the subjects of all that it has delivered so far."""
    published = door(PORTS[protocol])
    delivered = home / "delivered"
    delivered.touch()
    uidl = "uidl" if protocol == "pop3" else ""  # without it, it goes by the flags that IMAP alone has

    def fetchmail(option: str, code: int = 0, password: str | None = None) -> list[str]:
        settings = config(
            "fetchmailrc",
            f'set idfile "{home}/fetchids"\nset no bouncemail\nset no spambounce\n'
            f"poll {published.host} protocol {protocol} port {published.port} {uidl} timeout 30\n"
            f'  user "goto" password "{password or lab.password(GOTO)}" is "goto" here\n'
            f'  sslproto "tls1.2+" sslcertck sslcertfile "{authority}" sslcommonname "{MAIL_B}"\n'
            f'  mda "cat >>{delivered}" {option}\n',
        )
        run("fetchmail", "--fetchmailrc", settings, "--pidfile", home / "pid", "--nosyslog", code=code)
        return subjects([delivered.read_bytes()])

    return fetchmail


def test_keep_leaves_all_on_the_server_and_brings_nothing_twice(
    lab: Lab, fetchmail: Callable[..., list[str]], deliver: Callable[..., list[bytes]]
) -> None:
    deliver("1", "2")
    assert fetchmail("keep") == ["1", "2"]
    assert fetchmail("keep", code=NO_MAIL) == ["1", "2"]
    deliver("3")
    assert fetchmail("keep") == ["1", "2", "3"]
    assert subjects(lab.mailbox(GOTO)) == ["1", "2", "3"]


def test_without_keep_the_server_is_empty_afterwards(
    lab: Lab, fetchmail: Callable[..., list[str]], deliver: Callable[..., list[bytes]]
) -> None:
    deliver("1", "2")
    assert fetchmail("fetchall no keep") == ["1", "2"]
    assert lab.mailbox(GOTO) == ()
    assert fetchmail("no keep", code=NO_MAIL) == ["1", "2"]


def test_the_password_goes_under_tls_alone(
    lab: Lab, fetchmail: Callable[..., list[str]], deliver: Callable[..., list[bytes]]
) -> None:
    deliver("1")
    fetchmail("keep")
    password = lab.password(GOTO).encode()
    assert any(password in line for line in client_lines(lab, encrypted=True))
    assert not any(password in line for line in client_lines(lab, encrypted=False))


def test_a_wrong_password_is_told(
    lab: Lab, fetchmail: Callable[..., list[str]], deliver: Callable[..., list[bytes]]
) -> None:
    deliver("1")
    assert fetchmail("no keep", code=LOGIN_FAILED, password="wrong") == []
    assert subjects(lab.mailbox(GOTO)) == ["1"]
