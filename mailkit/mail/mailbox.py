"""Where mail rests: messages, mailboxes, accounts, and who is told of a change.

Must not know: protocols. The loop thread owns every store; nothing here locks or waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from typing import Protocol

    # Here, because a lab in memory need not define them.
    class MailboxKeeper(Protocol):
        """Writes changes down before they happen, or raises NotKept."""

        def keep(self, change: Change) -> None: ...
        def claim_recent(self, uids: range) -> None:
            """These are recent no longer. Where that cannot be written down they will be so again: no harm."""

    class AccountKeeper(Protocol):
        """Writes down which mailboxes there are, before that changes, or raises NotKept."""

        def create(self, mailbox: Mailbox) -> MailboxKeeper: ...
        def remove(self, name: str) -> None: ...
        def rename(self, old: str, new: str) -> None: ...
        def subscribe(self, names: set[str]) -> None: ...


SEEN, ANSWERED, FLAGGED, DELETED, DRAFT = "\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft"
SYSTEM_FLAGS = (ANSWERED, FLAGGED, DELETED, SEEN, DRAFT)

SPECIAL_USES = {
    "Archive": "\\Archive",
    "Drafts": "\\Drafts",
    "Junk": "\\Junk",
    "Sent": "\\Sent",
    "Trash": "\\Trash",
}
"""What a mailbox of that name is for, unless its maker says otherwise (RFC 6154 §2)."""


class Message(NamedTuple):
    """One message as it rests: `raw` has CRLF line ends and every header field that servers added."""

    uid: int
    raw: bytes
    received_at: datetime
    flags: frozenset[str] = frozenset()
    mod_seq: int = 1
    """Grows with each change of the flags (RFC 7162 §3.1)."""
    origin: str = ""
    """The queue id under which the server filed it; "" for what came another way."""


class Change(NamedTuple):
    """What happened to one message. For "expunged", `message` is its last state."""

    kind: Literal["arrived", "flagged", "expunged"]
    message: Message


class NotKept(Exception):
    """A change could not be written down, so it did not happen; trying again later may help. The text says why."""


# No dataclasses here: to define one takes longer than to load all else in this file, at each start of a lab.
class Mailbox:
    """Messages in UID order. A UID is never given twice while `uid_validity` stays the same (RFC 9051 §2.3.1.1)."""

    def __init__(self, name: str, uid_validity: int = 1, uid_next: int = 1, special_use: str = "") -> None:
        self.name, self.uid_validity, self.uid_next, self.special_use = name, uid_validity, uid_next, special_use
        self.highest_mod_seq = 1
        """That of the latest change to any message, one that is gone included (RFC 7162 §3.1.2.1)."""
        self.first_recent = 1
        """Messages from this UID on were shown to no session yet that may claim them (RFC 3501 §2.3.2)."""
        self.keeper: MailboxKeeper | None = None
        """Asked before anything changes; a mailbox without one is in memory alone."""
        self._messages: dict[int, Message] = {}
        self._by_flags: dict[frozenset[str], set[int]] = {}
        self._listeners: list[Callable[[Change], None]] = []

    def __iter__(self) -> Iterator[Message]:
        return iter(self._messages.values())

    def __len__(self) -> int:
        return len(self._messages)

    def uids(self) -> list[int]:
        """Of all messages, ascending."""
        return list(self._messages)

    def with_flags(self, are_wanted: Callable[[frozenset[str]], bool]) -> list[set[int]]:
        """UIDs of the messages whose flags are wanted; asked once for each set of flags: thousands share few."""
        return [uids for flags, uids in self._by_flags.items() if are_wanted(flags)]

    @property
    def flags_used(self) -> frozenset[str]:
        """All flags that some message bears."""
        return frozenset[str]().union(*self._by_flags)

    def get(self, uid: int) -> Message | None:
        """The message of that UID, or None when it is gone."""
        return self._messages.get(uid)

    def get_all(self, uids: Iterable[int]) -> list[Message]:
        """The messages of these UIDs. KeyError when one is gone."""
        return list(map(self._messages.__getitem__, uids))

    def add(self, raw: bytes, received_at: datetime, flags: Iterable[str] = (), *, origin: str = "") -> Message:
        """File a message under the next UID. NotKept when that cannot be written down; nothing has changed then."""
        mod_seq = self.highest_mod_seq + 1
        message = Message(self.uid_next, raw, received_at, frozenset(flags), mod_seq, origin)
        change = Change("arrived", message)
        self._keep(change)
        self.highest_mod_seq = mod_seq
        self.uid_next += 1
        self._place(message)
        self._tell(change)
        return message

    def put_back(self, message: Message) -> None:
        """Place a message that was here before, in UID order, as a keeper found it. Nobody is told."""
        self._place(message)
        self.uid_next = max(self.uid_next, message.uid + 1)

    def set_flags(self, uid: int, flags: Iterable[str]) -> Message:
        """Replace the flags of a message. KeyError when no such UID is there. No change tells nobody.

        NotKept when that cannot be written down; nothing has changed then.
        """
        old = self._messages[uid]
        new_flags = frozenset(flags)
        if new_flags == old.flags:
            return old
        new = old._replace(flags=new_flags, mod_seq=self.highest_mod_seq + 1)
        change = Change("flagged", new)
        self._keep(change)
        self.highest_mod_seq = new.mod_seq
        self._forget_flags(old)
        self._place(new)
        self._tell(change)
        return new

    def expunge(self, uids: Iterable[int]) -> None:
        """Remove messages for good, in the order given. UIDs that are gone already are passed over.

        NotKept when one cannot be removed; those before it are gone then.
        """
        for uid in uids:
            message = self._messages.get(uid)
            if message is not None:
                change = Change("expunged", message)
                self._keep(change)
                self.highest_mod_seq += 1
                del self._messages[uid]
                self._forget_flags(message)
                self._tell(change)

    def claim_recent(self) -> None:
        """From now on, all that is here is recent to nobody else."""
        if self.keeper is not None:
            self.keeper.claim_recent(range(self.first_recent, self.uid_next))
        self.first_recent = self.uid_next

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` at each change; the returned function ends that and may be called twice."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def _place(self, message: Message) -> None:
        self._messages[message.uid] = message
        self._by_flags.setdefault(message.flags, set()).add(message.uid)

    def _forget_flags(self, message: Message) -> None:
        uids = self._by_flags[message.flags]
        uids.remove(message.uid)
        if not uids:
            del self._by_flags[message.flags]

    def _keep(self, change: Change) -> None:
        if self.keeper is not None:
            self.keeper.keep(change)

    def _tell(self, change: Change) -> None:
        for listener in tuple(self._listeners):
            listener(change)


class Account:
    """One person's mail on one server. `locked` is POP3's exclusive maildrop lock (RFC 1939 §4).

    `token` proves the person instead of the password (RFC 7628, XOAUTH2); None where none was issued.
    """

    def __init__(self, address: str, password: str, *, token: str | None = None) -> None:
        self.address, self.password, self.token = address, password, token
        self.mailboxes = {"INBOX": Mailbox("INBOX")}
        self.locked = False
        self.subscribed = {"INBOX"}
        """Names, whether or not such mailboxes are there (RFC 9051 §6.3.7)."""
        self.keeper: AccountKeeper | None = None
        """Asked before mailboxes come, go or change their names."""
        self.last_uid_validity = 1

    @property
    def inbox(self) -> Mailbox:
        """Where delivery files; POP3 knows no other."""
        return self.mailboxes["INBOX"]

    def create(self, name: str, special_use: str | None = None) -> Mailbox:
        """A new, empty mailbox, its UIDVALIDITY never used here before: old UIDs must not seem to live on."""
        use = SPECIAL_USES.get(name, "") if special_use is None else special_use
        mailbox = Mailbox(name, self.last_uid_validity + 1, special_use=use)
        if self.keeper is not None:
            mailbox.keeper = self.keeper.create(mailbox)
        self.last_uid_validity += 1
        self.mailboxes[name] = mailbox
        return mailbox

    def remove(self, name: str) -> Mailbox:
        """Take a mailbox away with all that it holds; sessions that have it open see its messages go."""
        if self.keeper is not None:
            self.keeper.remove(name)
        mailbox = self.mailboxes.pop(name)
        mailbox.keeper = None
        mailbox.expunge([message.uid for message in mailbox])
        return mailbox

    def rename(self, old: str, new: str) -> None:
        """Give one mailbox another name; what it holds stays as it is."""
        if self.keeper is not None:
            self.keeper.rename(old, new)
        mailbox = self.mailboxes.pop(old)
        mailbox.name = new
        self.mailboxes[new] = mailbox

    def subscribe(self, name: str) -> None:
        """Put a name on the list of those that a person wants to see."""
        self._set_subscribed(self.subscribed | {name})

    def unsubscribe(self, name: str) -> None:
        """Take a name off that list."""
        self._set_subscribed(self.subscribed - {name})

    def _set_subscribed(self, names: set[str]) -> None:
        if self.keeper is not None:
            self.keeper.subscribe(names)
        self.subscribed = names


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
        account = self.named(user)
        return account if account and account.password == password else None

    def check_token(self, user: str, token: str) -> Account | None:
        """The account of `user` if `token` is the one issued to it, else None."""
        account = self.named(user)
        return account if account and account.token and account.token == token else None

    @property
    def has_tokens(self) -> bool:
        """Whether anybody can log in by token: only then may a server announce that."""
        return any(account.token for account in self)

    def named(self, user: str) -> Account | None:
        """The account with that login name: the address, or the first whose local part it is."""
        for address, account in self._accounts.items():
            if user.lower() in (address, address.partition("@")[0]):
                return account
        return None
