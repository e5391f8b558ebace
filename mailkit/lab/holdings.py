"""What a server keeps for one person at this moment: folders, flags, UIDs, and who has the mail open.

Runs on the loop that owns the stores, so that it is the truth at one instant. Must not know: how it is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mailkit.wire.imap_server import IMAPServer
from mailkit.wire.pop3_server import POP3Server

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mailkit.mail.mailbox import Mailbox, Message
    from mailkit.server.mail_host import MailHost
    from mailkit.trace.transcript import Flow


class Folder(NamedTuple):
    """A mailbox, as RFC 9051 calls it, and the messages in it."""

    name: str
    uid_validity: int
    messages: tuple[Message, ...]


class Visitor(NamedTuple):
    """Somebody who is logged in. `opened` is the open folder; `locks`: POP3's exclusive lock is his (RFC 1939 §4)."""

    flow: Flow
    opened: str
    idles: bool
    locks: bool


class Holdings(NamedTuple):
    """One person's mail on his server; INBOX comes first."""

    host: str
    folders: tuple[Folder, ...]
    visitors: tuple[Visitor, ...]

    def folder(self, name: str) -> Folder | None:
        """The folder of that name."""
        return next((folder for folder in self.folders if folder.name == name), None)


async def holdings(address: str, servers: Iterable[MailHost]) -> Holdings:
    """LookupError when no server has such a mailbox."""
    for server in servers:
        if account := server.store.find(address):
            boxes = sorted(account.mailboxes.values(), key=lambda box: (box.name != "INBOX", box.name))
            return Holdings(server.host, tuple(map(_folder, boxes)), tuple(_visitors(server, account.address)))
    raise LookupError(address)


def _folder(box: Mailbox) -> Folder:
    return Folder(box.name, box.uid_validity, tuple(box))


def _visitors(server: MailHost, address: str) -> Iterator[Visitor]:
    for flow, engine in server.fetching.items():
        if engine.finished:  # goodbye is said; the client may take its time to hang up
            continue
        if isinstance(engine, POP3Server) and engine.user == address:
            yield Visitor(flow, "INBOX", idles=False, locks=True)
        elif isinstance(engine, IMAPServer) and engine.user == address:
            yield Visitor(flow, engine.opened, idles=engine.is_idling, locks=False)
