"""The IMAP4 commands about mailboxes as a whole: choosing, making, naming, filling, waiting (RFC 3501 §6.3).

Must not know: single messages, beyond their number and the one that APPEND files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.mail.mailbox import SEEN, SPECIAL_USES
from mailkit.wire.imap_flags import merged
from mailkit.wire.imap_names import DELIMITER, above, is_allowed
from mailkit.wire.imap_session import IMAPSession
from mailkit.wire.imap_status import counted, status_items
from mailkit.wire.imap_syntax import Arguments, Bad, No
from mailkit.wire.imap_view import View
from mailkit.wire.transparency import with_crlf

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from datetime import datetime

    from mailkit.mail.mailbox import Account, Mailbox, MailStore


class MailboxCommands(IMAPSession):
    """What a user may do once logged in. `now` dates what APPEND brings without a date."""

    def __init__(self, store: MailStore, now: Callable[[], datetime]) -> None:
        super().__init__(store)
        self._now = now
        self._idling = False

    @property
    def opened(self) -> str:
        """The name of the mailbox that is open; "" when none is."""
        return self._view.mailbox.name if self._view else ""

    @property
    def is_idling(self) -> bool:
        """The client waits in IDLE (RFC 2177), and is told of changes as they happen."""
        return self._idling

    @property
    def _user_account(self) -> Account:
        # LEGAL lets no command of this class through before login.
        if self._account is None:
            raise RuntimeError("a command that needs an account ran before login")
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
        condstore = arguments.skip(b" ") and arguments.list_of(lambda: arguments.word("CONDSTORE"))
        arguments.end()
        if condstore:
            self._enabled.add("CONDSTORE")
        # Even a SELECT that fails leaves the mailbox that was open (RFC 3501 §6.3.1).
        if self._view is not None:
            self.untagged("OK [CLOSED] the mailbox that was open is left")
        self._leave()
        mailbox = self._find(name)
        self._view = View(mailbox, read_only=read_only, on_news=self._hear_news, tells_recent=not self._is_rev2)
        self._view.tells_mod_seq = "CONDSTORE" in self._enabled
        self._describe(self._view)
        return "[READ-ONLY] look, do not touch" if read_only else "[READ-WRITE] selected"

    def _describe(self, view: View) -> None:
        for line in view.describe_flags():
            self.say_line(line)
        self.untagged(f"{len(view.uids)} EXISTS")
        if self._is_rev2:
            self.say_line(b'* LIST () "/" ' + self.written(view.mailbox.name))
        else:
            self._describe_as_rev1(view)
        self.untagged(f"OK [UIDVALIDITY {view.mailbox.uid_validity}] UIDs valid")
        self.untagged(f"OK [UIDNEXT {view.mailbox.uid_next}] the next UID")
        self.untagged(f"OK [HIGHESTMODSEQ {view.mailbox.highest_mod_seq}] the latest change")

    def _describe_as_rev1(self, view: View) -> None:
        """What RFC 9051 Appendix E dropped."""
        self.untagged(f"{len(view.recent)} RECENT")
        unseen = view.mailbox.with_flags(lambda flags: SEEN not in flags)
        if unseen:
            first = view.number(min(map(min, unseen)))
            self.untagged(f"OK [UNSEEN {first}] the first unseen message")

    def _hear_news(self) -> None:
        # One who waits in IDLE and does not read is told later, all in one.
        if self._idling and self._unsent <= self.max_output:
            self.tell_news(expunges=True)
            self.on_output()

    # -- making and naming

    def do_create(self, arguments: Arguments) -> str:
        r"""Make a mailbox, and those above it that are missing; `(USE (\Sent))` says what for (RFC 6154 §3)."""
        arguments.space()
        name = arguments.mailbox().removesuffix(DELIMITER)
        use = self._use(arguments) if arguments.skip(b" ") else None
        arguments.end()
        self._check_new(name)
        self._create_above(name)
        self._user_account.create(name, use)
        return "created"

    def _use(self, arguments: Arguments) -> str:
        arguments.need(b"(", "'('")
        arguments.word("USE")
        arguments.space()
        uses = arguments.list_of(arguments.attribute, empty=True)
        arguments.need(b")", "')'")
        known = {use.lower(): use for use in SPECIAL_USES.values()}
        if len(uses) > 1 or any(use.lower() not in known for use in uses):
            raise No(f"[USEATTR] a mailbox may have one use of {' '.join(known.values())}")
        return known[uses[0].lower()] if uses else ""

    def _check_new(self, name: str) -> None:
        if name in self._user_account.mailboxes:
            raise No(f"[ALREADYEXISTS] there is a mailbox {name}")
        if not is_allowed(name):
            raise No(f"[CANNOT] {name!a} is no name for a mailbox; expected names joined by '{DELIMITER}'")

    def _create_above(self, name: str) -> None:
        for missing in above(name):
            if missing not in self._user_account.mailboxes:
                self._user_account.create(missing)

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

    # -- counting and filling

    def do_status(self, arguments: Arguments) -> str:
        """Counts of a mailbox, without opening it."""
        arguments.space()
        name = arguments.mailbox()
        arguments.space()
        items = status_items(arguments)
        arguments.end()
        self._find(name)
        self._tell_status(name, items)
        return "that is all"

    def _tell_status(self, name: str, items: list[str]) -> None:
        if "HIGHESTMODSEQ" in items:
            self._enable_condstore()
        self.say_line(b"* STATUS %b %b" % (self.written(name), counted(self._find(name), items)))

    def _enable_condstore(self) -> None:
        """From the first command that asks for mod-sequences on, they are told (RFC 7162 §3.1)."""
        if "CONDSTORE" not in self._enabled and self._view is not None:
            self._view.tells_mod_seq = True
            self.untagged(f"OK [HIGHESTMODSEQ {self._view.mailbox.highest_mod_seq}] the latest change")
        self._enabled.add("CONDSTORE")

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
        raw = self._appended(arguments)
        arguments.end()
        mailbox = self._find(name, "[TRYCREATE]")
        # Mail rests with CRLF; clients that send bare LF are mended, as other servers do.
        message = mailbox.add(with_crlf(raw), at or self._now(), merged(flags))
        return f"[APPENDUID {mailbox.uid_validity} {message.uid}] filed"

    def _appended(self, arguments: Arguments) -> bytes:
        """A literal, or `UTF8 (~{size}…)` from those who enabled it (RFC 6855 §4)."""
        if not (self._utf8 and arguments.skip_word("UTF8")):
            raw = arguments.message()
            # Python's imaplib puts the words into the literal; no message begins so.
            return raw[6:-1] if self._utf8 and raw.startswith(b"UTF8 (") and raw.endswith(b")") else raw
        arguments.space()
        arguments.need(b"(", "'('")
        raw = arguments.message()
        arguments.need(b")", "')'")
        return raw

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
