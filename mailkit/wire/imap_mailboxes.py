"""The IMAP4 commands about mailboxes as a whole: choosing, making, naming, listing, filling (RFC 3501 §6.3).

Must not know: single messages, beyond their number and the one that APPEND files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.mail.mailbox import SEEN, SYSTEM_FLAGS
from mailkit.wire.imap_flags import merged
from mailkit.wire.imap_format import flag_list, parenthesised, string
from mailkit.wire.imap_session import IMAPSession
from mailkit.wire.imap_syntax import Arguments, Bad, No
from mailkit.wire.imap_view import View
from mailkit.wire.transparency import with_crlf

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from datetime import datetime

    from mailkit.mail.mailbox import Account, Mailbox, MailStore

DELIMITER = "/"


class MailboxCommands(IMAPSession):
    """What a user may do once logged in. `now` dates what APPEND brings without a date."""

    def __init__(self, store: MailStore, now: Callable[[], datetime]) -> None:
        super().__init__(store)
        self._now = now
        self._idling = False

    @property
    def _user_account(self) -> Account:
        # LEGAL lets no command of this class through before login.
        if self._account is None:
            raise Bad("not logged in")
        return self._account

    def _find(self, name: str, code: str = "[NONEXISTENT]") -> Mailbox:
        mailbox = self._user_account.mailboxes.get(name)
        if mailbox is None:
            raise No(f"{code} no mailbox {name}")
        return mailbox

    # -- choosing

    def do_select(self, arguments: Arguments) -> str:
        """Open a mailbox for reading and writing."""
        return self._open(arguments, read_only=False)

    def do_examine(self, arguments: Arguments) -> str:
        """Open a mailbox without changing anything, flags included."""
        return self._open(arguments, read_only=True)

    def _open(self, arguments: Arguments, *, read_only: bool) -> str:
        arguments.space()
        name = arguments.mailbox()
        arguments.end()
        # Even a SELECT that fails leaves the mailbox that was open (RFC 3501 §6.3.1).
        self._leave()
        self._view = View(self._find(name), read_only=read_only, on_news=self._hear_news)
        self._describe(self._view)
        return "[READ-ONLY] look, do not touch" if read_only else "[READ-WRITE] selected"

    def _describe(self, view: View) -> None:
        messages = [view.message(uid) for uid in view.uids]
        keywords = {flag for message in messages for flag in message.flags}
        permanent = () if view.read_only else (*SYSTEM_FLAGS, "\\*")
        self.say_line(b"* FLAGS " + flag_list({*SYSTEM_FLAGS, *keywords}))
        self.untagged(f"{len(messages)} EXISTS")
        # Nothing is ever \Recent here: RFC 9051 dropped it, and 0 is the honest number.
        self.untagged("0 RECENT")
        unseen = next((n for n, message in enumerate(messages, 1) if SEEN not in message.flags), None)
        if unseen:
            self.untagged(f"OK [UNSEEN {unseen}] the first unseen message")
        self.untagged(f"OK [UIDVALIDITY {view.mailbox.uid_validity}] UIDs valid")
        self.untagged(f"OK [UIDNEXT {view.mailbox.uid_next}] the next UID")
        self.untagged(f"OK [PERMANENTFLAGS {flag_list(permanent).decode('ascii')}] flags that are kept")

    def _hear_news(self) -> None:
        if self._idling:
            self.tell_news(expunges=True)
            self.on_output()

    # -- making and naming

    def do_create(self, arguments: Arguments) -> str:
        """Make a mailbox, and those above it that are missing."""
        arguments.space()
        name = arguments.mailbox().removesuffix(DELIMITER)
        arguments.end()
        self._check_new(name)
        self._create_above(name)
        self._user_account.create(name)
        return "created"

    def _check_new(self, name: str) -> None:
        if name in self._user_account.mailboxes:
            raise No(f"[ALREADYEXISTS] there is a mailbox {name}")
        if not all(name.split(DELIMITER)) or "*" in name or "%" in name:
            raise No(f"[CANNOT] {name!a} is no name for a mailbox; expected names joined by '{DELIMITER}'")

    def _create_above(self, name: str) -> None:
        levels = name.split(DELIMITER)[:-1]
        for depth in range(1, len(levels) + 1):
            above = DELIMITER.join(levels[:depth])
            if above not in self._user_account.mailboxes:
                self._user_account.create(above)

    def do_delete(self, arguments: Arguments) -> str:
        """Remove a mailbox. Sessions that have it open see its messages go."""
        arguments.space()
        name = arguments.mailbox()
        arguments.end()
        self._find(name)
        if name == "INBOX":
            raise No("[CANNOT] INBOX stays")
        if self._below(name):
            raise No(f"[HASCHILDREN] {name} has mailboxes below it; delete those first")
        self._user_account.remove(name)
        return "deleted"

    def _below(self, name: str) -> list[str]:
        return [other for other in self._user_account.mailboxes if other.startswith(name + DELIMITER)]

    def do_rename(self, arguments: Arguments) -> str:
        """Give a mailbox, and those below it, another name (RFC 3501 §6.3.5)."""
        arguments.space()
        old = arguments.mailbox()
        arguments.space()
        new = arguments.mailbox().removesuffix(DELIMITER)
        arguments.end()
        mailbox = self._find(old)
        self._check_new(new)
        if new.startswith(old + DELIMITER):
            raise No(f"[CANNOT] {new} would be below itself")
        self._create_above(new)
        if old == "INBOX":
            self._empty_into(mailbox, self._user_account.create(new))
        else:
            self._rename_tree(old, new)
        return "renamed"

    def _empty_into(self, inbox: Mailbox, target: Mailbox) -> None:
        """RENAME INBOX moves what it holds; INBOX itself stays, and so do those below it."""
        messages = list(inbox)
        for message in messages:
            target.add(message.raw, message.received_at, message.flags)
        inbox.expunge([message.uid for message in messages])

    def _rename_tree(self, old: str, new: str) -> None:
        for name in [old, *self._below(old)]:
            self._user_account.rename(name, new + name.removeprefix(old))

    def do_subscribe(self, arguments: Arguments) -> str:
        """Put a name on the list that LSUB shows."""
        arguments.space()
        name = arguments.mailbox()
        arguments.end()
        self._user_account.subscribe(self._find(name).name)
        return "subscribed"

    def do_unsubscribe(self, arguments: Arguments) -> str:
        """Take a name off that list."""
        arguments.space()
        name = arguments.mailbox()
        arguments.end()
        self._user_account.unsubscribe(name)
        return "unsubscribed"

    # -- listing

    def do_list(self, arguments: Arguments) -> str:
        r"""Names that match a pattern, with `\HasChildren` or `\HasNoChildren` (RFC 3348)."""
        self._list("LIST", arguments, self._user_account.mailboxes)
        return "that is all"

    def do_lsub(self, arguments: Arguments) -> str:
        """Subscribed names that match a pattern."""
        self._list("LSUB", arguments, self._user_account.subscribed)
        return "that is all"

    def _list(self, verb: str, arguments: Arguments, names: Iterable[str]) -> None:
        arguments.space()
        reference = arguments.mailbox()
        arguments.space()
        pattern = arguments.pattern()
        arguments.end()
        if not pattern:
            # Not a search, but the question which delimiter there is (RFC 3501 §6.3.8).
            self.untagged(f'{verb} (\\Noselect) "{DELIMITER}" ""')
            return
        for name in sorted(names):
            if matches(reference + pattern, name) or (name == "INBOX" and matches(pattern.upper(), name)):
                child = "\\HasChildren" if self._below(name) else "\\HasNoChildren"
                self.untagged(f'{verb} ({child}) "{DELIMITER}" {string(name.encode()).decode("ascii")}')

    def do_namespace(self, arguments: Arguments) -> str:
        """One personal namespace, no others (RFC 2342)."""
        arguments.end()
        self.untagged(f'NAMESPACE (("" "{DELIMITER}")) NIL NIL')
        return "that is all"

    def do_status(self, arguments: Arguments) -> str:
        """Counts of a mailbox, without opening it."""
        arguments.space()
        name = arguments.mailbox()
        arguments.space()
        items = arguments.list_of(arguments.atom)
        arguments.end()
        counts = _counts(self._find(name))
        unknown = [item for item in items if item not in counts]
        if unknown:
            raise Bad(f"no count {unknown[0][:20]}; there are {' '.join(counts)}")
        pairs = parenthesised(f"{item} {counts[item]}".encode() for item in items)
        self.say_line(b"* STATUS " + string(name.encode()) + b" " + pairs)
        return "that is all"

    # -- filling

    def do_append(self, arguments: Arguments) -> str:
        """File a message (RFC 3501 §6.3.11), and tell its UID (RFC 4315 §3)."""
        arguments.space()
        name = arguments.mailbox()
        arguments.space()
        flags: list[str] = []
        if arguments.next_is(b"("):
            flags = arguments.list_of(arguments.flag, empty=True)
            arguments.space()
        at = None
        if arguments.next_is(b'"'):
            at = arguments.date_time()
            arguments.space()
        raw = arguments.literal()
        arguments.end()
        mailbox = self._find(name, "[TRYCREATE]")
        # Mail rests with CRLF; clients that send bare LF are mended, as other servers do.
        message = mailbox.add(with_crlf(raw), at or self._now(), merged(flags))
        return f"[APPENDUID {mailbox.uid_validity} {message.uid}] filed"

    # -- waiting

    def do_idle(self, arguments: Arguments) -> Generator[None, None, str]:
        """Tell news as it happens, until the client says DONE (RFC 2177)."""
        arguments.end()
        self.say_line(b"+ idling")
        self.tell_news(expunges=True)
        self._idling = True
        try:
            line = yield from self.read_line()
        finally:
            self._idling = False
        if line.upper() != b"DONE":
            raise Bad("expected DONE to end IDLE")
        return "IDLE ended"


def matches(pattern: str, name: str) -> bool:
    """Whether a LIST pattern takes in a name: `*` is anything, `%` anything within one level.

    Place by place instead of by a regular expression, which `*a*a*a` could keep busy for years.
    """
    places = {0}
    for char in name:
        places = set(_after_wildcards(pattern, places))
        stay = {p for p in places if pattern[p : p + 1] == "*" or (pattern[p : p + 1] == "%" and char != DELIMITER)}
        places = stay | {p + 1 for p in places if pattern[p : p + 1] == char}
    return len(pattern) in set(_after_wildcards(pattern, places))


def _after_wildcards(pattern: str, places: Iterable[int]) -> Iterator[int]:
    """The places, and those reached from them when wildcards stand for nothing."""
    for place in places:
        yield place
        while pattern[place : place + 1] in ("*", "%"):
            place += 1
            yield place


def _counts(mailbox: Mailbox) -> dict[str, int]:
    return {
        "MESSAGES": len(mailbox),
        "RECENT": 0,
        "UIDNEXT": mailbox.uid_next,
        "UIDVALIDITY": mailbox.uid_validity,
        "UNSEEN": sum(SEEN not in message.flags for message in mailbox),
    }
