"""Where mail rests: messages, mailboxes, accounts, and who is told of a change.

Must not know: protocols. The loop thread owns every store; nothing here locks or waits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

SEEN, ANSWERED, FLAGGED, DELETED, DRAFT = "\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft"
SYSTEM_FLAGS = (ANSWERED, FLAGGED, DELETED, SEEN, DRAFT)


class Message(NamedTuple):
    """One message as it rests: `raw` has CRLF line ends and every header field that servers added."""

    uid: int
    raw: bytes
    received_at: datetime
    flags: frozenset[str] = frozenset()


class Change(NamedTuple):
    """What happened to one message. For "expunged", `message` is its last state."""

    kind: Literal["arrived", "flagged", "expunged"]
    message: Message


@dataclass
class Mailbox:
    """Messages in UID order. A UID is never given twice while `uid_validity` stays the same (RFC 9051 §2.3.1.1)."""

    name: str
    uid_validity: int = 1
    uid_next: int = 1
    _messages: dict[int, Message] = field(default_factory=dict)
    _listeners: list[Callable[[Change], None]] = field(default_factory=list)

    def __iter__(self) -> Iterator[Message]:
        return iter(self._messages.values())

    def __len__(self) -> int:
        return len(self._messages)

    def get(self, uid: int) -> Message | None:
        """The message of that UID, or None when it is gone."""
        return self._messages.get(uid)

    def add(self, raw: bytes, received_at: datetime, flags: Iterable[str] = ()) -> Message:
        """File a message under the next UID."""
        message = Message(self.uid_next, raw, received_at, frozenset(flags))
        self.uid_next += 1
        self._messages[message.uid] = message
        self._tell(Change("arrived", message))
        return message

    def set_flags(self, uid: int, flags: Iterable[str]) -> Message:
        """Replace the flags of a message. KeyError when no such UID is there. No change tells nobody."""
        old = self._messages[uid]
        new = old._replace(flags=frozenset(flags))
        if new.flags != old.flags:
            self._messages[uid] = new
            self._tell(Change("flagged", new))
        return new

    def expunge(self, uids: Iterable[int]) -> None:
        """Remove messages for good, in the order given. UIDs that are gone already are passed over."""
        for uid in uids:
            message = self._messages.pop(uid, None)
            if message is not None:
                self._tell(Change("expunged", message))

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` at each change; the returned function ends that and may be called twice."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def _tell(self, change: Change) -> None:
        for listener in tuple(self._listeners):
            listener(change)


@dataclass
class Account:
    """One person's mail on one server. `locked` is POP3's exclusive maildrop lock (RFC 1939 §4)."""

    address: str
    password: str
    mailboxes: dict[str, Mailbox] = field(default_factory=lambda: {"INBOX": Mailbox("INBOX")})
    locked: bool = False
    subscribed: set[str] = field(default_factory=lambda: {"INBOX"})
    """Names, whether or not such mailboxes are there (RFC 9051 §6.3.7)."""
    _last_uid_validity: int = 1
    token: str = ""
    """What OAuth clients show instead of the password (RFC 7628); "": none was issued."""

    @property
    def inbox(self) -> Mailbox:
        """Where delivery files; POP3 knows no other."""
        return self.mailboxes["INBOX"]

    def create(self, name: str) -> Mailbox:
        """A new, empty mailbox, its UIDVALIDITY never used here before: old UIDs must not seem to live on."""
        self._last_uid_validity += 1
        mailbox = self.mailboxes[name] = Mailbox(name, self._last_uid_validity)
        return mailbox


class MailStore:
    """The accounts of one server, found by address or by login name (the local part)."""

    def __init__(self, accounts: Iterable[Account] = ()) -> None:
        self._accounts = {account.address.lower(): account for account in accounts}

    def __iter__(self) -> Iterator[Account]:
        return iter(self._accounts.values())

    def find(self, address: str) -> Account | None:
        """The account that mail for `address` is filed in; local parts are compared without case here.

        RFC 5321 §2.4 leaves that to the receiving server; nearly all of them do so.
        """
        return self._accounts.get(address.lower())

    def log_in(self, user: str, password: str) -> Account | None:
        """The account of `user` ("goto" or "goto@example.co.jp") if the password is right, else None."""
        account = self._of(user)
        return account if account and account.password == password else None

    def show_token(self, user: str, token: str) -> Account | None:
        """The account of `user` if that token was issued for it, else None."""
        account = self._of(user)
        return account if account and token and account.token == token else None

    def _of(self, user: str) -> Account | None:
        for address, account in self._accounts.items():
            if user.lower() in (address, address.partition("@")[0]):
                return account
        return None
