"""A running lab with published ports, and strangers' mail programs in a home of their own that call it.

Debian's packages; a missing one ends the run, since a test that nobody runs proves nothing.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from mailkit.lab.lab import Lab
from mailkit.lab.story import two_domains
from mailkit.trace.transcript import Said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mailkit.mail.mailbox import Message
    from mailkit.net.publish import Published

YAMADA, GOTO = "yamada@example.com", "goto@example.co.jp"
MAIL_A, MAIL_B = "mail.example.com", "mail.example.co.jp"
PACKAGES = {
    "curl": "curl",
    "swaks": "swaks",
    "msmtp": "msmtp",
    "mpop": "mpop",
    "mbsync": "isync",
    "fetchmail": "fetchmail",
    "getmail": "getmail6",
    "offlineimap": "offlineimap3",
    "mutt": "mutt",
    "neomutt": "neomutt",
    "openssl": "openssl",
    "dig": "bind9-dnsutils",
    "tshark": "tshark",
}
BODY = b"\xe5\xbe\x8c\xe8\x97\xa4\r\n.a dot\r\n..two dots\r\nFrom here\r\n.\r\nthe end\r\n"


def letter(subject: str) -> bytes:
    """With what goes wrong in careless hands: dots at line starts, a lone dot, From at a line start, eight bits."""
    return (
        f"From: Yamada <{YAMADA}>\r\nTo: Goto <{GOTO}>\r\nSubject: {subject}\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    ).encode() + BODY


@pytest.fixture(scope="session", autouse=True)
def _programs() -> None:
    missing = sorted(package for program, package in PACKAGES.items() if shutil.which(program) is None)
    # swaks has no TLS without it.
    if subprocess.run(["perl", "-MNet::SSLeay", "-e", "1"], capture_output=True).returncode:
        missing.append("libnet-ssleay-perl")
    if missing:
        pytest.exit(f"these tests need Debian's {', '.join(missing)}: apt install {' '.join(missing)}", returncode=1)


@pytest.fixture
def lab(caplog: pytest.LogCaptureFixture) -> Iterator[Lab]:
    """Company B takes passwords in clear, for what is said of programs without TLS; company A takes none."""
    world = two_domains()
    company_a, company_b = world.servers
    servers = (company_a, company_b._replace(login_in_clear=True))
    with Lab(dataclasses.replace(world, servers=servers), name="clients", carrier="tcp") as lab:
        yield lab
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []


@pytest.fixture
def door(lab: Lab) -> Callable[..., Published]:
    """`door(143)` publishes a port of company B for Goto's office PC."""
    return lambda port, name=MAIL_B, as_host="goto-pc": lab.publish(name, port, as_host=as_host)


@pytest.fixture
def submission(door: Callable[..., Published]) -> Published:
    """Port 587 of company A, for Yamada's PC."""
    return door(587, MAIL_A, "yamada-pc")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The programs' HOME: whoever runs the tests keeps his own settings out of it."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def authority(lab: Lab, home: Path) -> Path:
    """The file that says whom to trust."""
    path = home / "lab-ca.pem"
    path.write_bytes(lab.ca_pem)
    return path


@pytest.fixture
def config(home: Path) -> Callable[[str, str], Path]:
    """`config(name, text)` writes a file that only its owner may read, as most of them insist."""

    def write(name: str, text: str) -> Path:
        path = home / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return path

    return write


@pytest.fixture
def run(home: Path) -> Callable[..., bytes]:
    """`run("curl", …)` runs a program, expects its exit code to be `code`, and returns what it printed."""

    def run(*command: object, code: int = 0, stdin: bytes = b"") -> bytes:
        environment = {"HOME": str(home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            [str(part) for part in command], input=stdin, capture_output=True, timeout=60, cwd=home, env=environment
        )
        said = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
        assert done.returncode == code, f"{command[0]} ended with {done.returncode}, expected {code}:\n{said}"
        return done.stdout

    return run


@pytest.fixture
def deliver(lab: Lab) -> Callable[..., list[bytes]]:
    """`deliver("one", "two")` puts letters into Goto's inbox and returns the whole inbox as it rests."""

    def deliver(*subjects: str) -> list[bytes]:
        with lab.host(MAIL_A).smtp(MAIL_B, 25) as smtp:
            for subject in subjects:
                smtp.sendmail(YAMADA, [GOTO], letter(subject))
        lab.settle()
        return [message.raw for message in lab.mailbox(GOTO)]

    return deliver


def subjects(messages: tuple[Message, ...] | list[bytes]) -> list[str]:
    """The subject of each message, to compare mailboxes by."""
    raws = [m if isinstance(m, bytes) else m.raw for m in messages]
    lines = [line for raw in raws for line in raw.splitlines() if line.startswith(b"Subject: ")]
    return [line.removeprefix(b"Subject: ").decode() for line in lines]


def client_lines(lab: Lab, *, encrypted: bool) -> list[bytes]:
    """What callers said, line by line, under TLS or in clear."""
    said = b"".join(r.data for r in lab.transcript.only(Said) if r.by == "C" and r.encrypted == encrypted)
    return said.split(b"\r\n")


def server_said(lab: Lab) -> bytes:
    """What servers said in all conversations."""
    return b"".join(r.data for r in lab.transcript.only(Said) if r.by == "S")
