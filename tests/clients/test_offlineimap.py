"""OfflineIMAP keeps a Maildir and an IMAP account alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import GOTO, MAIL_B, subjects

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mailkit.lab.lab import Lab
    from mailkit.net.publish import Published

pytestmark = pytest.mark.clients
SETTINGS = """\
[general]
accounts = goto
metadata = {home}/state
ui = quiet
socktimeout = 30

[Account goto]
localrepository = near
remoterepository = far

[Repository near]
type = Maildir
localfolders = {home}/Mail
sync_deletes = yes

[Repository far]
type = IMAP
remotehost = localhost
remoteport = {port}
remoteuser = goto
remotepass = {password}
auth_mechanisms = {mechanism}
ssl = no
starttls = yes
sslcacertfile = {authority}
"""
# imaplib2 reads and writes one TLS connection from two threads. When TLS 1.3's session tickets come between, it hangs
# or dies, beside Dovecot as beside us; in TLS 1.2 the tickets belong to the handshake.
ONLY_TLS_1_2 = """\
openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = newest
[newest]
MaxProtocol = TLSv1.2
"""


class Near:
    """The Maildir on Goto's PC, and what is done in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self, mailbox: str = "INBOX") -> dict[str, Path]:
        """Path by subject."""
        found = [path for part in ("cur", "new") for path in (self.folder / mailbox / part).glob("*")]
        by_subject = {subjects([path.read_bytes()])[0]: path for path in found}
        assert len(by_subject) == len(found), "something is here twice"
        return by_subject

    def flag(self, subject: str, flags: str) -> None:
        path = self.files()[subject]
        path.rename(path.parent.parent / "cur" / f"{path.name.partition(':2,')[0]}:2,{flags}")


@pytest.fixture
def near(home: Path) -> Near:
    return Near(home / "Mail")


@pytest.fixture(params=["PLAIN", "LOGIN"])
def offlineimap(
    request: pytest.FixtureRequest,
    lab: Lab,
    door: Callable[..., Published],
    authority: Path,
    home: Path,
    config: Callable[[str, str], Path],
    run: Callable[..., bytes],
) -> Callable[[], None]:
    """`offlineimap()` makes both sides alike, once."""
    values = {"port": door(143).port, "password": lab.password(GOTO), "authority": authority}
    settings = config("offlineimaprc", SETTINGS.format(home=home, mechanism=request.param, **values))
    openssl = config("openssl.cnf", ONLY_TLS_1_2)
    return lambda: run("env", f"OPENSSL_CONF={openssl}", "offlineimap", "-c", settings, "-o") and None


def test_mail_flags_deletions_and_mailboxes_go_both_ways(
    lab: Lab, near: Near, offlineimap: Callable[[], None], deliver: Callable[..., list[bytes]]
) -> None:
    deliver("1", "2", "3", "4")
    with lab.host("goto-mobile").imap(MAIL_B) as mobile:
        mobile.starttls(lab.tls_context())
        mobile.login("goto", lab.password(GOTO))
        mobile.create("Travel")
        mobile.select()
        mobile.copy("1", "Travel")
        offlineimap()
        assert (set(near.files()), set(near.files("Travel"))) == ({"1", "2", "3", "4"}, {"1"})
        near.flag("1", "RS")
        near.files()["2"].unlink()
        mobile.store("3", "+FLAGS", r"(\Flagged)")
        mobile.store("4", "+FLAGS", r"(\Deleted)")
        mobile.expunge()
        offlineimap()
    flags = {subjects([message.raw])[0]: set(message.flags) for message in lab.mailbox(GOTO)}
    assert flags == {"1": {"\\Seen", "\\Answered"}, "3": {"\\Flagged"}}
    assert {subject: path.name.partition(":2,")[2] for subject, path in near.files().items()} == {"1": "RS", "3": "F"}
