"""mbsync keeps a Maildir and an IMAP mailbox alike, whichever side something happened on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .conftest import GOTO, MAIL_B, letter, subjects

if TYPE_CHECKING:
    import imaplib
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mailkit.lab.lab import Lab
    from mailkit.net.publish import Published

pytestmark = pytest.mark.clients
SETTINGS = """\
IMAPAccount goto
Host localhost
Port {door.port}
User goto
Pass {password}
SSLType {tls}
CertificateFile {authority}
SystemCertificates no
AuthMechs LOGIN
Timeout 30

IMAPStore far
Account goto

MaildirStore near
Path {mail}/
Inbox {mail}/INBOX
SubFolders Verbatim

Channel goto
Far :far:
Near :near:
Patterns *
Create Both
Remove Both
Expunge Both
SyncState *
"""


class Near:
    """The Maildir on Goto's PC, and what his mail reader does in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self, mailbox: str = "INBOX") -> dict[str, Path]:
        """Path by subject."""
        found = [path for part in ("cur", "new") for path in (self.folder / mailbox / part).glob("*")]
        by_subject = {subjects([path.read_bytes()])[0]: path for path in found}
        assert len(by_subject) == len(found), "something is here twice"
        return by_subject

    def flags(self, mailbox: str = "INBOX") -> dict[str, str]:
        """Maildir flags by subject; new mail has none."""
        return {subject: path.name.partition(":2,")[2] for subject, path in self.files(mailbox).items()}

    def flag(self, subject: str, flags: str) -> None:
        path = self.files()[subject]
        path.rename(self.folder / "INBOX" / "cur" / f"{path.name.partition(':2,')[0]}:2,{flags}")

    def write(self, subject: str, mailbox: str = "INBOX") -> None:
        for part in ("cur", "new", "tmp"):
            (self.folder / mailbox / part).mkdir(parents=True, exist_ok=True)
        text = letter(subject).replace(b"\r\n", b"\n")
        (self.folder / mailbox / "new" / f"1763971200.{subject}.goto-pc").write_bytes(text)


@pytest.fixture
def near(home: Path) -> Near:
    folder = home / "Mail"
    folder.mkdir()
    return Near(folder)


@pytest.fixture
def mbsync(
    lab: Lab,
    door: Callable[..., Published],
    authority: Path,
    near: Near,
    config: Callable[[str, str], Path],
    run: Callable[..., bytes],
) -> Callable[..., None]:
    imap = door(143)

    def mbsync(tls: str = "STARTTLS") -> None:
        values: dict[str, Any] = {"door": imap, "password": lab.password(GOTO), "tls": tls, "authority": authority}
        settings = config("mbsyncrc", SETTINGS.format(mail=near.folder, **values))
        run("mbsync", "--config", settings, "--all")

    return mbsync


@pytest.fixture
def mobile(lab: Lab) -> Iterator[imaplib.IMAP4]:
    """Goto's other PC, reading the same mailbox."""
    with lab.host("goto-mobile").imap(MAIL_B) as imap:
        imap.login("goto", lab.password(GOTO))
        imap.select()
        yield imap


def test_new_mail_goes_both_ways_and_nothing_twice(
    lab: Lab, near: Near, mbsync: Callable[..., None], deliver: Callable[..., list[bytes]]
) -> None:
    deliver("1", "2")
    mbsync()
    assert set(near.files()) == {"1", "2"}
    near.write("from the PC")
    deliver("3")
    for _ in range(2):
        mbsync()
        assert set(near.files()) == {"1", "2", "3", "from the PC"}
        assert sorted(subjects(lab.mailbox(GOTO))) == ["1", "2", "3", "from the PC"]


def test_bytes_survive_the_way_to_the_pc(
    near: Near, mbsync: Callable[..., None], deliver: Callable[..., list[bytes]]
) -> None:
    (stored,) = deliver("1")
    mbsync()
    lines = near.files()["1"].read_bytes().splitlines(keepends=True)
    assert b"".join(line for line in lines if not line.startswith(b"X-TUID:")) == stored.replace(b"\r\n", b"\n")


def test_flags_go_both_ways(
    lab: Lab,
    near: Near,
    mbsync: Callable[..., None],
    deliver: Callable[..., list[bytes]],
    mobile: imaplib.IMAP4,
) -> None:
    deliver("1", "2")
    mbsync()
    near.flag("1", "RS")
    mobile.noop()  # only now has it been told of them
    mobile.store("2", "+FLAGS", r"(\Flagged)")
    mbsync()
    assert near.flags() == {"1": "RS", "2": "F"}
    assert {subjects([m.raw])[0]: set(m.flags) for m in lab.mailbox(GOTO)} == {
        "1": {"\\Seen", "\\Answered"},
        "2": {"\\Flagged"},
    }
    near.flag("1", "")
    mobile.store("2", "-FLAGS", r"(\Flagged)")
    mbsync()
    assert near.flags() == {"1": "", "2": ""}
    assert [set(m.flags) for m in lab.mailbox(GOTO)] == [set(), set()]


def test_a_deletion_on_either_side_is_expunged_on_both(
    lab: Lab,
    near: Near,
    mbsync: Callable[..., None],
    deliver: Callable[..., list[bytes]],
    mobile: imaplib.IMAP4,
) -> None:
    deliver("1", "2", "3")
    mbsync()
    near.flag("1", "ST")
    mobile.noop()
    mobile.store("2", "+FLAGS", r"(\Deleted)")
    mobile.expunge()
    mbsync()
    assert set(near.files()) == {"3"}
    assert subjects(lab.mailbox(GOTO)) == ["3"]


def test_a_new_mailbox_goes_both_ways(
    near: Near, mbsync: Callable[..., None], deliver: Callable[..., list[bytes]], mobile: imaplib.IMAP4
) -> None:
    deliver("1")
    near.write("kept", mailbox="Archive")
    mobile.create("Travel")
    mobile.copy("1", "Travel")
    mbsync()
    assert set(near.files("Travel")) == {"1"}
    (status,) = mobile.status("Archive", "(MESSAGES)")[1]
    assert status.endswith(b"(MESSAGES 1)")
    mbsync()
    assert set(near.files("Archive")) == {"kept"}


def test_it_does_without_tls_where_the_server_does(
    near: Near, mbsync: Callable[..., None], deliver: Callable[..., list[bytes]]
) -> None:
    deliver("1")
    mbsync(tls="None")
    assert set(near.files()) == {"1"}
