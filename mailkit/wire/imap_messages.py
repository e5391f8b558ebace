"""The IMAP4 commands about the messages of the open mailbox (RFC 3501 §6.4, RFC 4315, RFC 6851).

Must not know: other mailboxes, beyond being handed one to copy into.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import chain, groupby
from typing import TYPE_CHECKING

from mailkit.mail.mailbox import DELETED, SEEN
from mailkit.wire.imap_fetch import Item, fetch_items, rows
from mailkit.wire.imap_flags import merged, without
from mailkit.wire.imap_listing import ListCommands
from mailkit.wire.imap_sets import written_set
from mailkit.wire.imap_states import UID_COMMANDS
from mailkit.wire.imap_syntax import Arguments, Bad, No

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from mailkit.mail.mailbox import Mailbox
    from mailkit.wire.engine import Dialogue
    from mailkit.wire.imap_session import Outcome
    from mailkit.wire.imap_sets import SequenceSet
    from mailkit.wire.imap_view import View

    Changing = Callable[[frozenset[str]], frozenset[str]]

FLAGS_ITEM, UID_ITEM, MOD_SEQ_ITEM = Item("FLAGS"), Item("UID"), Item("MODSEQ")

BATCH, SMALL_BATCH = 1000, 50
"""Messages that are answered for at once; the small one where their octets are asked for."""

_STORE_ITEM = re.compile(rb"([+-]?)FLAGS(\.SILENT)?(?= )", re.IGNORECASE)


class MessageCommands(ListCommands):
    """What a user may do with a mailbox open. `by_uid` is the form with UID in front (RFC 3501 §6.4.8)."""

    @property
    def _open_view(self) -> View:
        # LEGAL lets no command of this class through without an open mailbox.
        if self._view is None:
            raise RuntimeError("a command that needs an open mailbox ran without one")
        return self._view

    def do_uid(self, arguments: Arguments) -> Outcome:
        """The command that follows, with UIDs instead of sequence numbers."""
        arguments.space()
        verb = arguments.atom()
        if verb not in UID_COMMANDS:
            raise Bad(f"no UID {verb[:20]}; there are {' '.join(UID_COMMANDS)}")
        command: Callable[..., Outcome] = getattr(self, f"do_{verb.lower()}")
        return command(arguments, by_uid=True)

    def _uids(self, chosen: SequenceSet, *, by_uid: bool) -> list[int]:
        """The UIDs of the messages in a set. A number past the last is Bad; a UID that is not there is not.

        RFC 9051 §9, seq-number, asks for BAD, and Dovecot gives it, also for `1:*` of an empty mailbox.
        """
        view = self._open_view
        if chosen.is_saved:
            return [uid for uid in view.uids if uid in view.saved]
        if by_uid:
            return chosen.choose(view.uids)
        largest = max((high for _, high in chosen.bounds(len(view.uids))), default=0)
        if largest > len(view.uids) or not view.uids:
            raise Bad(f"no message {largest or '*'}; there are {len(view.uids)}")
        return [uid for low, high in chosen.bounds(len(view.uids)) for uid in view.uids[low - 1 : high]]

    def _writable(self) -> View:
        view = self._open_view
        if view.read_only:
            raise No("[READ-ONLY] the mailbox was opened with EXAMINE")
        return view

    # -- reading

    def do_fetch(self, arguments: Arguments, *, by_uid: bool = False) -> Generator[None, None, str]:
        r"""Items of messages. BODY[] and its like set `\Seen`, unless they peek or the mailbox is read-only."""
        arguments.space()
        chosen = arguments.sequence_set()
        arguments.space()
        items = fetch_items(arguments)
        since = self._changed_since(arguments) if arguments.skip(b" ") else None
        arguments.end()
        if since is not None:
            items = list(dict.fromkeys([*items, MOD_SEQ_ITEM]))
        if MOD_SEQ_ITEM in items:
            self._enable_condstore()
        uids = self._uids(chosen, by_uid=by_uid)
        if since is not None:
            uids = [message.uid for message in self._open_view.messages(uids) if message.mod_seq > since]
        yield from self._fetch(uids, [UID_ITEM, *(item for item in items if item != UID_ITEM)] if by_uid else items)
        return "fetched"

    def _changed_since(self, arguments: Arguments) -> int:
        """`(CHANGEDSINCE 12345)` (RFC 7162 §3.1.4.1)."""
        return self._modifier(arguments, "CHANGEDSINCE")

    def _modifier(self, arguments: Arguments, word: str) -> int:
        arguments.need(b"(", "'('")
        arguments.word(word)
        arguments.space()
        mod_seq = arguments.number64()
        arguments.need(b")", "')'")
        return mod_seq

    def _fetch(self, uids: list[int], items: list[Item]) -> Dialogue:
        size = SMALL_BATCH if any(item.section for item in items) else BATCH
        for start in range(0, len(uids), size):
            yield from self.room_to_say()
            batch = uids[start : start + size]
            newly_seen = self._mark_seen(batch) if self._marks_seen(items) else set()
            for is_new, run in groupby(batch, newly_seen.__contains__):
                self._tell(list(run), [*items, *self._flag_items(items)] if is_new else items)

    def _marks_seen(self, items: list[Item]) -> bool:
        return not self._open_view.read_only and any(not item.peek for item in items)

    def _mark_seen(self, uids: list[int]) -> set[int]:
        """The UIDs of those that were not seen before."""
        view = self._open_view
        unseen = [it for it in view.messages(uids) if SEEN not in it.flags and not view.is_gone(it.uid)]
        for message in unseen:
            view.set_flags(message.uid, message.flags | {SEEN})
        return {message.uid for message in unseen}

    def _flag_items(self, told: list[Item]) -> list[Item]:
        """What tells flags, without what is told anyway."""
        items = [FLAGS_ITEM, MOD_SEQ_ITEM] if self._open_view.tells_mod_seq else [FLAGS_ITEM]
        return [item for item in items if item not in told]

    def _tell(self, uids: list[int], items: list[Item]) -> None:
        view = self._open_view
        messages = view.messages(uids)
        if FLAGS_ITEM in items:
            for line in view.new_flags(messages):
                self.say_line(line)
            view.told_flags(uids)
        self.say(rows(items, view.numbers(uids), messages, view.flags))

    # -- flags

    def do_store(self, arguments: Arguments, *, by_uid: bool = False) -> str:
        """Replace (FLAGS), add (+FLAGS) or take away (-FLAGS) flags; .SILENT asks for no answer."""
        arguments.space()
        chosen = arguments.sequence_set()
        arguments.space()
        since = self._unchanged_since(arguments) if arguments.next_is(b"(") else None
        match = arguments.take(_STORE_ITEM, "FLAGS, +FLAGS or -FLAGS, perhaps with .SILENT")
        arguments.space()
        flags = arguments.flags()
        arguments.end()
        self._writable()
        uids = self._uids(chosen, by_uid=by_uid)
        # Many messages share few sets of flags, before and after.
        change = cache(lambda old: _changed(old, match[1], flags))
        stored = self._store_flags(uids, change, since)
        self._tell_stored(stored, silent=bool(match[2]), by_uid=by_uid)
        self._complain_of_gone(uids)
        return self._outcome(set(uids).difference(stored), by_uid=by_uid)

    def _store_flags(self, uids: list[int], change: Changing, since: int | None) -> list[int]:
        """The UIDs of those that are there and, if it is asked for, not changed `since`."""
        view = self._open_view
        stored = []
        # One at a time: as many old states at once would have Python's garbage collector look at them again and again.
        for message in map(view.message, uids):
            if not view.is_gone(message.uid) and (since is None or message.mod_seq <= since):
                view.set_flags(message.uid, change(message.flags))
                stored.append(message.uid)
        return stored

    def _unchanged_since(self, arguments: Arguments) -> int:
        """`(UNCHANGEDSINCE 12345) ` (RFC 7162 §3.1.3)."""
        since = self._modifier(arguments, "UNCHANGEDSINCE")
        arguments.space()
        self._enable_condstore()
        return since

    def _tell_stored(self, uids: list[int], *, silent: bool, by_uid: bool) -> None:
        items = self._flag_items([FLAGS_ITEM] if silent else [])
        if items and uids:
            self._tell(uids, [UID_ITEM, *items] if by_uid else items)

    def _outcome(self, modified: set[int], *, by_uid: bool) -> str:
        """Which messages another has changed meanwhile, and so were left alone (RFC 7162 §3.1.3)."""
        if not modified:
            return "stored"
        numbers = sorted(modified) if by_uid else self._open_view.numbers(sorted(modified))
        return f"[MODIFIED {written_set(numbers).decode()}] stored, but for these, which have changed"

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
        return f"COPYUID {target.uid_validity} {written_set(uids).decode()} {written_set(copies).decode()}"

    # -- removing

    def do_expunge(self, arguments: Arguments, *, by_uid: bool = False) -> str:
        r"""Remove what is marked `\Deleted`; UID EXPUNGE, only what is in the set too (RFC 4315 §2.1)."""
        view = self._writable()
        deleted = _deleted(view.mailbox)
        if by_uid:
            arguments.space()
            chosen = frozenset(self._uids(arguments.sequence_set(), by_uid=True))
            deleted = [uid for uid in deleted if uid in chosen]
        arguments.end()
        view.mailbox.expunge(deleted)
        return "expunged"

    def do_close(self, arguments: Arguments) -> str:
        r"""Remove what is marked `\Deleted`, without telling of it, and leave the mailbox."""
        arguments.end()
        view = self._open_view
        uids = [] if view.read_only else _deleted(view.mailbox)
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


def _deleted(mailbox: Mailbox) -> list[int]:
    """All that is marked, as RFC 3501 §6.4.3 has it: also what came since this client was last told."""
    return sorted(chain.from_iterable(mailbox.with_flags(lambda flags: DELETED in flags)))


def _changed(old: frozenset[str], sign: bytes, flags: list[str]) -> frozenset[str]:
    if sign == b"+":
        return merged(old, flags)
    return without(old, flags) if sign == b"-" else merged(flags)
