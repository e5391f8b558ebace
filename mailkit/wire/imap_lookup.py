"""The IMAP4 commands that look for messages: SEARCH and SORT (RFC 3501 §6.4.4, RFC 5256).

Must not know: what a search key means, how results are written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.wire.imap_messages import MessageCommands
from mailkit.wire.imap_results import returning, told
from mailkit.wire.imap_search import Query, Scope, keys, query, read_charset
from mailkit.wire.imap_sort import criteria, in_order
from mailkit.wire.imap_syntax import Arguments, Bad, No

if TYPE_CHECKING:
    from mailkit.wire.imap_results import Returning


class LookupCommands(MessageCommands):
    """What a user may ask of a mailbox that is open."""

    def do_search(self, arguments: Arguments, *, by_uid: bool = False) -> str:
        """Numbers, or UIDs, of the messages for which every key holds."""
        arguments.space()
        asked = returning(arguments, rev2=self._is_rev2)
        try:
            wanted = self._query(arguments)
            found = self._found(wanted)
        except No:
            # A search that fails leaves `$` empty (RFC 5182 §2.1).
            if asked.saves:
                self._open_view.saved = frozenset()
            raise
        if asked.saves:
            self._open_view.saved = frozenset(asked.counted(found))
        self._tell_found(found, wanted, asked, by_uid=by_uid)
        return f"{len(found)} found"

    def _query(self, arguments: Arguments) -> Query:
        # RFC 6855 §3: one who has switched to UTF-8 may name no other charset.
        if "UTF8=ACCEPT" in self._enabled and arguments.next_is_word("CHARSET"):
            raise Bad("no CHARSET after ENABLE UTF8=ACCEPT; everything is UTF-8")
        wanted = query(arguments, self._scope())
        arguments.end()
        return wanted

    def _scope(self) -> Scope:
        view = self._open_view
        return Scope(view.uids, view.recent, view.saved, self._now())

    def _found(self, wanted: Query) -> list[int]:
        """UIDs. No message is looked at where flags decide alone."""
        if wanted.asks_mod_seq:
            self._enable_condstore()
        view = self._open_view
        uids = view.with_flags(wanted.are_wanted) if wanted.of_flags else list(view.uids)
        if not wanted.others:
            return uids
        found = view.messages(uids)
        for question in wanted.others:
            found = list(filter(question, found))
        return [message.uid for message in found]

    def _mod_seq(self, wanted: Query, uids: list[int]) -> int:
        """The highest among these, where the client wants it; else 0."""
        if not wanted.asks_mod_seq:
            return 0
        return max((message.mod_seq for message in self._open_view.messages(uids)), default=0)

    def _tell_found(self, found: list[int], wanted: Query, asked: Returning, *, by_uid: bool) -> None:
        mod_seq = self._mod_seq(wanted, asked.counted(found))
        numbers = self._numbers(found, by_uid=by_uid)
        line = told(numbers, asked, tag=self._tag, by_uid=by_uid, mod_seq=mod_seq)
        if line is not None:
            self.say_line(b"* " + line)

    def _numbers(self, uids: list[int], *, by_uid: bool) -> list[int]:
        return uids if by_uid else list(self._open_view.numbers(uids))

    def do_sort(self, arguments: Arguments, *, by_uid: bool = False) -> str:
        """As SEARCH, but in an order, and the charset must be named (RFC 5256 §3)."""
        arguments.space()
        by = criteria(arguments)
        arguments.space()
        charset = read_charset(arguments)
        arguments.space()
        wanted = keys(arguments, self._scope(), charset)
        arguments.end()
        found = [message.uid for message in in_order(self._open_view.messages(self._found(wanted)), by)]
        numbers = self._numbers(found, by_uid=by_uid)
        mod_seq = self._mod_seq(wanted, found)
        end = f" (MODSEQ {mod_seq})" if mod_seq else ""
        self.untagged(" ".join(["SORT", *map(str, numbers)]) + end)
        return f"{len(found)} in order"
