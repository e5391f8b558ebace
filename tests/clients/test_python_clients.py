"""Python's own mail libraries and three from outside, in `with host:` blocks and through published ports."""

from __future__ import annotations

import asyncio
import imaplib
import poplib
import smtplib
from typing import TYPE_CHECKING

import aiosmtplib
import imap_tools
import imapclient
import pytest

from .conftest import BODY, GOTO, MAIL_A, MAIL_B, YAMADA, client_lines, letter, subjects

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.lab.lab import Lab
    from mailkit.net.publish import Published

pytestmark = pytest.mark.clients


@pytest.fixture(params=["inside", "published"])
def way(request: pytest.FixtureRequest, lab: Lab, door: Callable[..., Published]) -> Callable[..., tuple[str, int]]:
    """`way(143)` is the address to call: a name, within `with lab.host(…)`; or a real port of this computer."""
    if request.param == "published":
        return lambda port, name=MAIL_B, as_host="goto-pc": (
            (published := door(port, name, as_host)).host,
            published.port,
        )

    def inside(port: int, name: str = MAIL_B, as_host: str = "goto-pc") -> tuple[str, int]:
        host = lab.host(as_host)
        host.__enter__()
        request.addfinalizer(lambda: host.__exit__(None, None, None))
        return name, port

    return inside


def test_smtplib(lab: Lab, way: Callable[..., tuple[str, int]]) -> None:
    with smtplib.SMTP(*way(587, MAIL_A, "yamada-pc"), timeout=10) as smtp:
        smtp.starttls(context=lab.tls_context())
        smtp.login("yamada", lab.password(YAMADA))
        smtp.sendmail(YAMADA, [GOTO], letter("by smtplib"))
    lab.settle()
    (message,) = lab.mailbox(GOTO)
    assert message.raw.endswith(BODY)


def test_poplib(lab: Lab, way: Callable[..., tuple[str, int]], deliver: Callable[..., list[bytes]]) -> None:
    stored = deliver("one", "two")
    pop3 = poplib.POP3(*way(110), timeout=10)
    pop3.stls(lab.tls_context())
    pop3.user("goto")
    pop3.pass_(lab.password(GOTO))
    assert b"\r\n".join([*pop3.retr(2)[1], b""]) == stored[1]
    assert [line.split()[0] for line in pop3.uidl()[1]] == [b"1", b"2"]
    pop3.dele(1)
    pop3.quit()
    assert subjects(lab.mailbox(GOTO)) == ["two"]


def test_imaplib(lab: Lab, way: Callable[..., tuple[str, int]], deliver: Callable[..., list[bytes]]) -> None:
    stored = deliver("one", "two")
    with imaplib.IMAP4(*way(143), timeout=10) as imap:
        imap.starttls(lab.tls_context())
        imap.login("goto", lab.password(GOTO))
        assert imap.select() == ("OK", [b"2"])
        assert imap.search(None, "SUBJECT", '"two"') == ("OK", [b"2"])
        assert imap.fetch("2", "(BODY.PEEK[])")[1][0][1] == stored[1]
        imap.append("INBOX", r"(\Seen)", None, letter("three"))
        imap.store("1", "+FLAGS", r"(\Deleted)")
        imap.expunge()
    assert subjects(lab.mailbox(GOTO)) == ["two", "three"]
    assert lab.mailbox(GOTO)[1].flags == {"\\Seen"}


def test_imap_tools(lab: Lab, way: Callable[..., tuple[str, int]], deliver: Callable[..., list[bytes]]) -> None:
    deliver("one", "two")
    host, port = way(143)
    mailbox = imap_tools.MailBoxStartTls(host, port, timeout=10, ssl_context=lab.tls_context())
    with mailbox.login("goto", lab.password(GOTO)) as box:
        fetched = {message.subject: message for message in box.fetch(mark_seen=False)}
        assert fetched["two"].text.splitlines() == BODY.decode().splitlines()
        box.folder.create("Archive")
        assert {"INBOX", "Archive"} <= {folder.name for folder in box.folder.list()}
        box.flag(fetched["one"].uid, [imap_tools.MailMessageFlags.FLAGGED], True)
        box.move(fetched["two"].uid, "Archive")
        assert box.folder.status("Archive")["MESSAGES"] == 1
        assert [message.subject for message in box.fetch(imap_tools.AND(flagged=True))] == ["one"]
    assert subjects(lab.mailbox(GOTO)) == ["one"]


def test_imap_tools_hears_of_new_mail_in_idle(
    lab: Lab, door: Callable[..., Published], deliver: Callable[..., list[bytes]]
) -> None:
    imap = door(143)
    with imap_tools.MailBoxUnencrypted(imap.host, imap.port, timeout=10).login("goto", lab.password(GOTO)) as box:
        with box.idle as idle:
            deliver("one")
            assert b"* 1 EXISTS" in idle.poll(timeout=10)
        assert [message.subject for message in box.fetch()] == ["one"]


def test_aiosmtplib(lab: Lab, way: Callable[..., tuple[str, int]]) -> None:
    hostname, port = way(587, MAIL_A, "yamada-pc")
    sent = aiosmtplib.send(
        letter("by aiosmtplib"),
        sender=YAMADA,
        recipients=[GOTO],
        hostname=hostname,
        port=port,
        start_tls=True,
        tls_context=lab.tls_context(),
        username="yamada",
        password=lab.password(YAMADA),
    )
    refused, reply = asyncio.run(sent)
    lab.settle()
    assert (refused, reply) == ({}, "2.0.0 queued as A1")
    assert subjects(lab.mailbox(GOTO)) == ["by aiosmtplib"]
    assert any(line.startswith(b"AUTH ") for line in client_lines(lab, encrypted=True))


def test_imapclient(lab: Lab, way: Callable[..., tuple[str, int]], deliver: Callable[..., list[bytes]]) -> None:
    stored = deliver("one", "two", "three")
    host, port = way(143)
    with imapclient.IMAPClient(host, port, ssl=False, timeout=10) as imap:
        imap.starttls(lab.tls_context())
        imap.login("goto", lab.password(GOTO))
        imap.create_folder("旅行")
        assert imap.select_folder("INBOX")[b"EXISTS"] == 3
        assert imap.sort("REVERSE SUBJECT") == [2, 3, 1]
        assert imap.search(["SUBJECT", "two"]) == [2]
        found = imap.fetch([1, 2], ["BODY.PEEK[]", "ENVELOPE", "BODYSTRUCTURE", "RFC822.SIZE", "INTERNALDATE"])
        assert [found[uid][b"BODY[]"] for uid in (1, 2)] == stored[:2]
        assert found[2][b"ENVELOPE"].subject == b"two"
        assert found[2][b"BODYSTRUCTURE"][:2] == (b"text", b"plain")
        imap.add_flags([1], [imapclient.FLAGGED, "$Later"])
        imap.move([2], "旅行")
        imap.delete_messages([3])
        imap.uid_expunge([3])
        assert imap.folder_status("旅行", ["MESSAGES"]) == {b"MESSAGES": 1}
        assert {name for _flags, _delimiter, name in imap.list_folders()} == {"INBOX", "旅行"}
        imap.idle()
        deliver("four")
        assert (2, b"EXISTS") in imap.idle_check(timeout=10)
        imap.idle_done()
    assert subjects(lab.mailbox(GOTO)) == ["one", "four"]
    assert lab.mailbox(GOTO)[0].flags == {"\\Flagged", "$Later"}
