"""getmail fetches by POP3 and IMAP under TLS, and remembers what it has had."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from mailkit.lab.lab import Lab
from mailkit.lab.story import two_domains

from .conftest import BODY, GOTO, subjects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mailkit.net.publish import Published

pytestmark = pytest.mark.clients
RETRIEVERS = {995: "SimplePOP3SSLRetriever", 993: "SimpleIMAPSSLRetriever"}
SETTINGS = """\
[retriever]
type = {kind}
server = localhost
port = {port}
username = goto
password = {password}
ca_certs = {authority}
timeout = 30

[destination]
type = MDA_external
path = {program}
# What a test may be run as.
allow_root_commands = true

[options]
delete = {delete}
read_all = false
verbose = 0
"""


@pytest.fixture
def lab() -> Iterator[Lab]:
    world = two_domains()
    company_a, company_b = world.servers
    company_b = company_b._replace(ports=(25, *RETRIEVERS))
    with Lab(dataclasses.replace(world, servers=(company_a, company_b)), name="getmail", carrier="tcp") as lab:
        yield lab


@pytest.fixture(params=RETRIEVERS)
def getmail(
    request: pytest.FixtureRequest,
    lab: Lab,
    door: Callable[..., Published],
    authority: Path,
    home: Path,
    config: Callable[[str, str], Path],
    run: Callable[..., bytes],
) -> Callable[..., list[bytes]]:
    """`getmail(delete=True)` fetches once and returns all that it has delivered so far, oldest subject first."""
    mail = home / "Mail"
    mail.mkdir()
    program = config("deliver", f"#!/bin/sh\nexec cat >$(mktemp -p {mail})\n")
    program.chmod(0o700)
    port = door(request.param).port

    def getmail(*, delete: bool = False) -> list[bytes]:
        values = {"kind": RETRIEVERS[request.param], "port": port, "authority": authority, "program": program}
        config("getmailrc", SETTINGS.format(**values, password=lab.password(GOTO), delete=str(delete).lower()))
        run("getmail", "--getmaildir", home, "--rcfile", "getmailrc")
        return sorted((path.read_bytes() for path in mail.iterdir()), key=lambda raw: subjects([raw]))

    return getmail


def test_it_brings_each_letter_once_and_leaves_it_there(
    lab: Lab, getmail: Callable[..., list[bytes]], deliver: Callable[..., list[bytes]]
) -> None:
    deliver("1", "2")
    assert subjects(getmail()) == ["1", "2"]
    deliver("3")
    brought = getmail()
    assert subjects(brought) == ["1", "2", "3"]
    assert all(raw.endswith(BODY.replace(b"\r\n", b"\n")) for raw in brought)
    assert subjects(lab.mailbox(GOTO)) == ["1", "2", "3"]


def test_it_deletes_what_it_has_brought(
    lab: Lab, getmail: Callable[..., list[bytes]], deliver: Callable[..., list[bytes]]
) -> None:
    deliver("1", "2")
    assert subjects(getmail(delete=True)) == ["1", "2"]
    assert lab.mailbox(GOTO) == ()
