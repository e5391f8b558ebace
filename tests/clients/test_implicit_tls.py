"""TLS before the first word (RFC 8314 §3), where the lab has such ports: curl, msmtp, mpop, mbsync and aioimaplib."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

import aioimaplib
import pytest

from mailkit.lab.lab import Lab
from mailkit.lab.story import two_domains
from mailkit.server.roles import PORTS
from mailkit.trace.transcript import Said

from .conftest import BODY, GOTO, MAIL_B, letter, subjects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mailkit.net.publish import Published

SECURE = {"smtps": 465, "pop3s": 995, "imaps": 993}
pytestmark = [
    pytest.mark.clients,
    pytest.mark.skipif(not set(SECURE.values()) <= PORTS.keys(), reason="no role has a port with implicit TLS yet"),
]


@pytest.fixture
def lab() -> Iterator[Lab]:
    """Company B listens on the secure ports too; nothing in these tests may pass in clear."""
    world = two_domains()
    company_a, company_b = world.servers
    company_b = company_b._replace(ports=(25, *SECURE.values()))
    with Lab(dataclasses.replace(world, servers=(company_a, company_b)), name="secure", carrier="tcp") as lab:
        yield lab
    assert [r for r in lab.transcript.only(Said) if r.flow.port != 25 and not r.encrypted] == []


@pytest.fixture
def login(lab: Lab) -> str:
    return f"goto:{lab.password(GOTO)}"


@pytest.fixture
def curl(run: Callable[..., bytes], door: Callable[..., Published], authority: Path, login: str):
    def curl(scheme: str, path: str, *options: object) -> bytes:
        published = door(SECURE[scheme])
        where = ["--resolve", f"{MAIL_B}:{published.port}:{published.host}", "--noproxy", "*", "--max-time", "50"]
        url = f"{scheme}://{MAIL_B}:{published.port}/{path}"
        return run("curl", "-q", "--silent", *where, "--cacert", authority, "--user", login, *options, url)

    return curl


def test_curl_submits(lab: Lab, curl: Callable[..., bytes], tmp_path: Path) -> None:
    (tmp_path / "letter").write_bytes(letter("secure"))
    curl("smtps", "", "--mail-from", GOTO, "--mail-rcpt", GOTO, "--upload-file", tmp_path / "letter")
    lab.settle()
    (message,) = lab.mailbox(GOTO)
    assert message.raw.endswith(BODY)
    assert b" with ESMTPSA id " in message.raw


@pytest.mark.parametrize(("scheme", "path"), [("pop3s", "1"), ("imaps", "INBOX;UID=1")])
def test_curl_reads(curl: Callable[..., bytes], deliver: Callable[..., list[bytes]], scheme: str, path: str) -> None:
    (stored,) = deliver("one")
    assert curl(scheme, path) == stored


def test_msmtp_submits(
    lab: Lab, run: Callable[..., bytes], door: Callable[..., Published], authority: Path, config: Callable[..., Path]
) -> None:
    published = door(465)
    settings = config(
        "msmtprc",
        f"account default\nhost {published.host}\nport {published.port}\nfrom {GOTO}\ntls on\ntls_starttls off\n"
        f"tls_trust_file {authority}\nauth plain\nuser goto\npassword {lab.password(GOTO)}\ntimeout 30\n",
    )
    run("msmtp", "--file", settings, GOTO, stdin=letter("secure").replace(b"\r\n", b"\n"))
    lab.settle()
    assert subjects(lab.mailbox(GOTO)) == ["secure"]


def test_mpop_fetches(
    lab: Lab,
    run: Callable[..., bytes],
    door: Callable[..., Published],
    authority: Path,
    config: Callable[..., Path],
    home: Path,
    deliver: Callable[..., list[bytes]],
) -> None:
    deliver("one")
    published = door(995)
    settings = config(
        "mpoprc",
        f"account default\nhost {published.host}\nport {published.port}\nkeep off\ntls on\ntls_starttls off\n"
        f"tls_trust_file {authority}\nauth user\nuser goto\npassword {lab.password(GOTO)}\n"
        f"delivery mbox {home}/mbox\ntimeout 30\n",
    )
    run("mpop", "--file", settings)
    assert subjects([(home / "mbox").read_bytes()]) == ["one"]
    assert lab.mailbox(GOTO) == ()


def test_mbsync_pulls(
    lab: Lab,
    run: Callable[..., bytes],
    door: Callable[..., Published],
    authority: Path,
    config: Callable[..., Path],
    home: Path,
    deliver: Callable[..., list[bytes]],
) -> None:
    deliver("one")
    (home / "Mail").mkdir()
    settings = config(
        "mbsyncrc",
        f"IMAPAccount goto\nHost localhost\nPort {door(993).port}\nUser goto\nPass {lab.password(GOTO)}\n"
        f"SSLType IMAPS\nCertificateFile {authority}\nSystemCertificates no\nAuthMechs LOGIN\n\n"
        "IMAPStore far\nAccount goto\n\n"
        f"MaildirStore near\nPath {home}/Mail/\nInbox {home}/Mail/INBOX\n\n"
        "Channel goto\nFar :far:\nNear :near:\nCreate Near\nSyncState *\n",
    )
    run("mbsync", "--config", settings, "--all")
    (path,) = (home / "Mail/INBOX/new").iterdir()
    assert subjects([path.read_bytes()]) == ["one"]


def test_aioimaplib(lab: Lab, door: Callable[..., Published], deliver: Callable[..., list[bytes]]) -> None:
    """It has no STARTTLS; it hears of new mail while it idles."""
    (stored,) = deliver("one")
    published = door(993)

    async def talk() -> list[bytes]:
        imap = aioimaplib.IMAP4_SSL(published.host, published.port, timeout=10, ssl_context=lab.tls_context())
        await imap.wait_hello_from_server()
        assert (await imap.login("goto", lab.password(GOTO))).result == "OK"
        await imap.select("INBOX")
        fetched = await imap.uid("fetch", "1", "(BODY.PEEK[])")
        assert bytes(fetched.lines[1]) == stored
        idle = await imap.idle_start(timeout=10)
        await asyncio.to_thread(deliver, "two")
        news = await imap.wait_server_push()
        imap.idle_done()
        await asyncio.wait_for(idle, 10)
        assert (await imap.uid("store", "1", "+FLAGS.SILENT", r"(\Deleted)")).result == "OK"
        assert (await imap.expunge()).result == "OK"
        await imap.logout()
        return list(news)

    assert b"2 EXISTS" in asyncio.run(talk())
    assert subjects(lab.mailbox(GOTO)) == ["two"]
