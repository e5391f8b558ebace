"""Debian's Dovecot reads the folder that a lab has kept, changes it, and a lab reads it back.

Dovecot's IMAP process runs as it does behind `dovecot --exec-mail`: for one user, over its standard input and output,
without a port.
"""

from __future__ import annotations

import imaplib
import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailkit.mail.mailbox import FLAGGED, SEEN, Account, Mailbox
from mailkit.server.account_folder import AccountFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

DOVECOT = next(
    (path for path in map(Path, ("/usr/lib/dovecot/imap", "/usr/libexec/dovecot/imap")) if path.exists()), None
)
NOON = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
CONFIGURATION = """\
mail_location = maildir:{folder}/mail
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
namespace inbox {{
  inbox = yes
  separator = /
}}
"""

pytestmark = pytest.mark.clients


def start(folder: Path) -> Account:
    account = Account("goto@example.co.jp", "secret")
    AccountFolder(folder / "mail", "mail.example.co.jp", UTC).load(account)
    return account


def seen(mailbox: Mailbox) -> list[tuple[bytes, frozenset[str], datetime]]:
    return [(message.raw, message.flags, message.received_at) for message in mailbox]


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that an unprivileged user may enter: pytest's own is for the caller alone."""
    folder = Path(tempfile.mkdtemp(prefix="mailkit-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def dovecot(folder: Path) -> imaplib.IMAP4:
    """A session. Dovecot refuses to serve root, so as root it is given to `nobody`, and so is the folder."""
    assert DOVECOT, "Dovecot's IMAP server is not installed: apt-get install dovecot-core dovecot-imapd"
    (folder / "dovecot.conf").write_text(CONFIGURATION.format(folder=folder))
    user = ""
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, "nobody", "nogroup")
        user = "setpriv --reuid=nobody --regid=nogroup --clear-groups "
    return imaplib.IMAP4_stream(f"exec {user}env -i USER=nobody HOME={folder} {DOVECOT} -c {folder}/dovecot.conf")


@pytest.mark.skipif(sys.platform != "linux", reason="Debian's Dovecot is what is tried")
def test_dovecot_and_a_lab_share_a_folder(folder: Path) -> None:
    account = start(folder)
    account.inbox.add(b"Subject: one\r\n\r\nHello\r\n.\r\n", NOON, origin="A7")
    account.inbox.add(b"Subject: two\r\n\r\nHello\r\n", NOON, [SEEN, FLAGGED, "Work"])
    account.create("Work")
    account.create("Work/Büro").add(b"Subject: three\r\n\r\nx\r\n", NOON)
    with dovecot(folder) as imap:
        assert imap.list()[1] == [
            rb'(\HasChildren) "/" Work',
            rb'(\HasNoChildren) "/" Work/B&APw-ro',
            rb'(\HasNoChildren) "/" INBOX',
        ]
        assert imap.select("INBOX") == ("OK", [b"2"])
        _, data = imap.fetch("1:2", "(UID FLAGS INTERNALDATE BODY.PEEK[])")
        assert [part[1] for part in data if isinstance(part, tuple)] == [message.raw for message in account.inbox]
        heads = [part[0] for part in data if isinstance(part, tuple)]
        assert heads[0].startswith(rb'1 (UID 1 FLAGS (\Recent) INTERNALDATE "01-Apr-2026 12:00:00 +0000"')
        assert heads[1].startswith(rb"2 (UID 2 FLAGS (\Flagged \Seen \Recent Work)")
        assert imap.store("1", "+FLAGS", r"(\Answered Play)")[0] == "OK"
        assert imap.copy("1", "Work")[0] == "OK"
        assert imap.store("2", "+FLAGS", r"(\Deleted)")[0] == "OK"
        assert imap.expunge()[0] == "OK"
        assert (
            imap.append("INBOX", r"(\Seen)", imaplib.Time2Internaldate(NOON), b"Subject: four\r\n\r\ny\r\n")[0] == "OK"
        )
    again = start(folder)
    first = account.inbox.get(1)
    assert first
    assert seen(again.inbox) == [
        (first.raw, frozenset({"\\Answered", "Play"}), NOON),
        (b"Subject: four\r\n\r\ny\r\n", frozenset({SEEN}), NOON),
    ]
    assert [message.uid for message in again.inbox] == [1, 3]
    assert [message.raw for message in again.mailboxes["Work"]] == [first.raw]
    assert seen(again.mailboxes["Work/Büro"]) == seen(account.mailboxes["Work/Büro"])
