"""openssl s_client asks each protocol for TLS in its own words, and then checks who answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import MAIL_B

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mailkit.lab.lab import Lab
    from mailkit.net.publish import Published

pytestmark = pytest.mark.clients
TALKS = {
    "smtp": (587, b"EHLO goto-pc\nNOOP\nQUIT\n", b"250 AUTH ", b"221 2.0.0 "),
    "pop3": (110, b"CAPA\nQUIT\n", b"\r\nUSER\r\n", b"+OK "),
    "imap": (143, b"a CAPABILITY\nb LOGOUT\n", b"* CAPABILITY IMAP4rev1 ", b"b OK "),
}


@pytest.fixture(params=TALKS)
def s_client(request: pytest.FixtureRequest, run: Callable[..., bytes], door: Callable[..., Published]):
    """`s_client(file)` says a few words under TLS, and shows those that should come back."""
    port, words, *expected = TALKS[request.param]
    published = door(port)

    def s_client(authority: Path, name: str = MAIL_B, code: int = 0) -> tuple[bytes, list[bytes]]:
        where = ["-connect", f"{published.host}:{published.port}", "-starttls", request.param, "-quiet", "-crlf"]
        trust = ["-CAfile", authority, "-no-CApath", "-verify_return_error", "-verify_hostname", name]
        return run("openssl", "s_client", *where, *trust, stdin=words, code=code), expected

    return s_client


def test_the_chain_and_the_name_are_right_and_the_talk_goes_on(
    s_client: Callable[..., tuple[bytes, list[bytes]]], authority: Path
) -> None:
    said, expected = s_client(authority)
    assert [words for words in expected if words not in said.replace(b"250-AUTH", b"250 AUTH")] == []
    assert b"STARTTLS" not in said.split(b"\r\n", 1)[1]
    assert b"STLS" not in said


def test_another_authority_is_not_believed(
    s_client: Callable[..., tuple[bytes, list[bytes]]], run: Callable[..., bytes], home: Path
) -> None:
    subject = ["-subj", "/O=somebody else", "-keyout", home / "key.pem", "-out", home / "other.pem"]
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", *subject)
    assert s_client(home / "other.pem", code=1)[0] == b""


def test_a_certificate_for_another_name_is_not_believed(
    s_client: Callable[..., tuple[bytes, list[bytes]]], authority: Path, lab: Lab
) -> None:
    assert s_client(authority, "mail.example.org", code=1)[0] == b""
