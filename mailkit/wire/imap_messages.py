"""The IMAP4 commands about the messages of the open mailbox (RFC 3501 §6.4, RFC 4315, RFC 6851).

Must not know: other mailboxes, beyond being handed one to copy into.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailkit.mail.mailbox import DELETED, SEEN
from mailkit.wire.imap_fetch import Fetched, Item, fetch_items
from mailkit.wire.imap_flags import merged, without
from mailkit.wire.imap_format import uid_set
from mailkit.wire.imap_mailboxes import MailboxCommands
from mailkit.wire.imap_search import Candidate, question
from mailkit.wire.imap_syntax import Arguments, Bad, No

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mailkit.mail.mailbox import Mailbox
    from mailkit.wire.imap_syntax import SequenceSet
    from mailkit.wire.imap_view import View

UID_COMMANDS = ("FETCH", "STORE", "SEARCH", "COPY", "MOVE", "EXPUNGE")
FLAGS_ITEM, UID_ITEM = Item("FLAGS"), Item("UID")

_STORE_ITEM = re.compile(rb"([+-]?)FLAGS(\.SILENT)?(?= )", re.IGNORECASE)


class MessageCommands(MailboxCommands):
    """What a user may do with a mailbox open. `by_uid` is the form with UID in front (RFC 3501 §6.4.8)."""

    @property
    def _open_view(self) -> View:
        # LEGAL lets no command of this class through without an open mailbox.
        if self._view is None:
            raise Bad("no mailbox is open")
        return self._view

    def do_uid(self, arguments: Arguments) -> str:
        """The command that follows, with UIDs instead of sequence numbers."""
        arguments.space()
        verb = arguments.atom()
        if verb not in UID_COMMANDS:
            raise Bad(f"no UID {verb[:20]}; there are {' '.join(UID_COMMANDS)}")
        command: Callable[..., str] = getattr(self, f"do_{verb.lower()}")
        return command(arguments, by_uid=True)

    def _uids(self, chosen: SequenceSet, *, by_uid: bool) -> list[int]:
        """The UIDs of the messages in a set. A number past the last is Bad; a UID that is not there is not."""
        uids = self._open_view.uids
        if by_uid:
            return chosen.choose(uids)
        largest = max((high for _, high in chosen.bounds(len(uids))), default=0)
        if largest > len(uids) or not uids:
            raise Bad(f"no message {largest or '*'}; there are {len(uids)}")
        return [uids[number - 1] for number in chosen.choose(range(1, len(uids) + 1))]

    def _writable(self) -> View:
        view = self._open_view
        if view.read_only:
            raise No("[READ-ONLY] the mailbox was opened with EXAMINE")
        return view

    # -- reading

    def do_fetch(self, arguments: Arguments, *, by_uid: bool = False) -> str:
        r"""Items of messages. BODY[] and its like set `\Seen`, unless they peek or the mailbox is read-only."""
        arguments.space()
        chosen = arguments.sequence_set()
        arguments.space()
        items = fetch_items(arguments)
        arguments.end()
        if by_uid and UID_ITEM not in items:
            items.insert(0, UID_ITEM)
        for uid in self._uids(chosen, by_uid=by_uid):
            self._fetch(uid, items)
        return "fetched"

    def _fetch(self, uid: int, items: list[Item]) -> None:
        view = self._open_view
        message = view.message(uid)
        if SEEN not in message.flags and self._marks_seen(items) and not view.is_gone(uid):
            view.set_flags(uid, message.flags | {SEEN})
            items = items if FLAGS_ITEM in items else [*items, FLAGS_ITEM]
        self._tell(uid, items)

    def _marks_seen(self, items: list[Item]) -> bool:
        return not self._open_view.read_only and any(not item.peek for item in items)

    def _tell(self, uid: int, items: list[Item]) -> None:
        view = self._open_view
        answer = Fetched(view.message(uid)).answer(items)
        if FLAGS_ITEM in items:
            view.told_flags(uid)
        self.say_line(b"* %d FETCH %b" % (view.number(uid), answer))

    def do_search(self, arguments: Arguments, *, by_uid: bool = False) -> str:
        """Numbers, or UIDs, of the messages for which every key holds."""
        arguments.space()
        ask = question(arguments)
        arguments.end()
        view = self._open_view
        count, last_uid = len(view.uids), view.uids[-1] if view.uids else 0
        found = [
            uid if by_uid else number
            for number, uid in enumerate(view.uids, 1)
            if ask(Candidate(view.message(uid), number, count, last_uid))
        ]
        self.untagged(" ".join(["SEARCH", *map(str, found)]))
        return f"{len(found)} found"

    # -- flags

    def do_store(self, arguments: Arguments, *, by_uid: bool = False) -> str:
        """Replace (FLAGS), add (+FLAGS) or take away (-FLAGS) flags; .SILENT asks for no answer."""
        arguments.space()
        chosen = arguments.sequence_set()
        arguments.space()
        match = arguments.take(_STORE_ITEM, "FLAGS, +FLAGS or -FLAGS, perhaps with .SILENT")
        arguments.space()
        flags = arguments.flags()
        arguments.end()
        view, uids = self._writable(), self._uids(chosen, by_uid=by_uid)
        for uid in uids:
            if not view.is_gone(uid):
                view.set_flags(uid, _changed(view.message(uid).flags, match[1], flags))
                if not match[2]:
                    self._tell(uid, [UID_ITEM, FLAGS_ITEM] if by_uid else [FLAGS_ITEM])
        self._complain_of_gone(uids)
        return "stored"

    def _complain_of_gone(self, uids: Iterable[int]) -> None:
        """Another session expunged some of these, and this client could not know (RFC 2180 §4.2, RFC 5530)."""
        if any(map(self._open_view.is_gone, uids)):
            raise No("[EXPUNGEISSUED] some of these messages are gone; NOOP tells which")

    # -- copying

    def do_copy(self, arguments: Arguments, *, by_uid: bool = False) -> str:
        """File copies elsewhere, flags and dates kept: all of them or none."""
        uids, target = self._what_and_where(arguments, by_uid=by_uid)
        code = self._copy(uids, target)
        return f"[{code}] copied" if code else "nothing to copy"

    def do_move(self, arguments: Arguments, *, by_uid: bool = False) -> str:
        """Copy, then expunge here (RFC 6851). COPYUID comes before the EXPUNGEs, untagged."""
        view = self._writable()
        uids, target = self._what_and_where(arguments, by_uid=by_uid)
        code = self._copy(uids, target)
        if code:
            self.untagged(f"OK [{code}] copied")
        view.mailbox.expunge(uids)
        return "moved"

    def _what_and_where(self, arguments: Arguments, *, by_uid: bool) -> tuple[list[int], Mailbox]:
        arguments.space()
        chosen = arguments.sequence_set()
        arguments.space()
        name = arguments.mailbox()
        arguments.end()
        uids = self._uids(chosen, by_uid=by_uid)
        target = self._find(name, "[TRYCREATE]")
        self._complain_of_gone(uids)
        return uids, target

    def _copy(self, uids: list[int], target: Mailbox) -> str:
        """The response code that says which UID became which (RFC 4315 §3), or nothing for no message."""
        view = self._open_view
        messages = [view.message(uid) for uid in uids]
        copies = [target.add(message.raw, message.received_at, message.flags).uid for message in messages]
        if not uids:
            return ""
        return f"COPYUID {target.uid_validity} {uid_set(uids).decode()} {uid_set(copies).decode()}"

    # -- removing

    def do_expunge(self, arguments: Arguments, *, by_uid: bool = False) -> str:
        r"""Remove what is marked `\Deleted`; UID EXPUNGE, only what is in the set too (RFC 4315 §2.1)."""
        view = self._writable()
        uids = view.uids
        if by_uid:
            arguments.space()
            uids = arguments.sequence_set().choose(uids)
        arguments.end()
        view.mailbox.expunge(_deleted(view, uids))
        return "expunged"

    def do_close(self, arguments: Arguments) -> str:
        r"""Remove what is marked `\Deleted`, without telling of it, and leave the mailbox."""
        arguments.end()
        view = self._open_view
        uids = [] if view.read_only else _deleted(view, view.uids)
        self._leave()
        view.mailbox.expunge(uids)
        return "closed"

    def do_unselect(self, arguments: Arguments) -> str:
        """Leave the mailbox and remove nothing (RFC 3691)."""
        arguments.end()
        self._leave()
        return "left"

    def do_check(self, arguments: Arguments) -> str:
        """Nothing waits to be written here, so this is NOOP."""
        arguments.end()
        return "nothing to check"


def _deleted(view: View, uids: Iterable[int]) -> list[int]:
    return [uid for uid in uids if DELETED in view.message(uid).flags]


def _changed(old: frozenset[str], sign: bytes, flags: list[str]) -> frozenset[str]:
    if sign == b"+":
        return merged(old, flags)
    return without(old, flags) if sign == b"-" else merged(flags)
