r"""LIST, LSUB and NAMESPACE: which mailboxes there are (RFC 3501 §6.3.8, RFC 5258, 5819, 6154, RFC 9051 §6.3.9).

Must not know: what is in a mailbox, beyond its counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailkit.wire.imap_format import parenthesised
from mailkit.wire.imap_mailboxes import MailboxCommands
from mailkit.wire.imap_names import DELIMITER, above, canonical, matches
from mailkit.wire.imap_status import status_items
from mailkit.wire.imap_syntax import Arguments, Bad

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SELECTING = ("SUBSCRIBED", "REMOTE", "RECURSIVEMATCH", "SPECIAL-USE")
"""`LIST (…)`: which mailboxes. None is on another server, so REMOTE adds nothing."""
RETURNING = ("SUBSCRIBED", "CHILDREN", "SPECIAL-USE", "STATUS")
"""`RETURN (…)`: what else to tell. Children and special uses are always told; that is allowed."""


@dataclass
class Listing:
    """What a LIST asks for. `status` are the counts wanted of each."""

    patterns: list[str]
    selecting: frozenset[str] = frozenset()
    returning: set[str] = field(default_factory=set)
    status: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, arguments: Arguments) -> Listing:
        arguments.space()
        selecting: frozenset[str] = frozenset()
        if arguments.next_is(b"("):
            selecting = frozenset(arguments.list_of(lambda: arguments.word(*SELECTING), empty=True))
            arguments.space()
        if "RECURSIVEMATCH" in selecting and not selecting & {"SUBSCRIBED", "SPECIAL-USE"}:
            raise Bad("RECURSIVEMATCH needs something to match: SUBSCRIBED or SPECIAL-USE")
        reference = arguments.mailbox()
        arguments.space()
        patterns = arguments.list_of(arguments.pattern) if arguments.next_is(b"(") else [arguments.pattern()]
        listing = cls([reference + pattern if pattern else "" for pattern in patterns], selecting)
        if arguments.skip(b" "):
            listing._read_returning(arguments)
        arguments.end()
        return listing

    def _read_returning(self, arguments: Arguments) -> None:
        arguments.word("RETURN")
        arguments.space()

        def option() -> None:
            self.returning.add(word := arguments.word(*RETURNING))
            if word == "STATUS":
                arguments.space()
                self.status = status_items(arguments)

        arguments.list_of(option, empty=True)

    def takes(self, name: str) -> bool:
        """Whether a pattern takes in the name; INBOX is INBOX in any case."""
        return any(matches(canonical(pattern), name) or _is_inbox(pattern, name) for pattern in self.patterns)


def _is_inbox(pattern: str, name: str) -> bool:
    return name == "INBOX" and matches(pattern.upper(), name)


class ListCommands(MailboxCommands):
    """What a user may ask about the tree of mailboxes."""

    def do_list(self, arguments: Arguments) -> str:
        r"""Names that match a pattern, with `\HasChildren` or `\HasNoChildren` (RFC 3348) and what they are for."""
        listing = Listing.read(arguments)
        if listing.patterns == [""]:
            # Not a search, but the question which delimiter there is (RFC 3501 §6.3.8).
            self.untagged(f'LIST (\\Noselect) "{DELIMITER}" ""')
            return "that is all"
        for name in sorted(filter(listing.takes, self._candidates(listing))):
            self._tell_listed(name, listing)
        return "that is all"

    def _candidates(self, listing: Listing) -> set[str]:
        """Names that the selection options leave, before the patterns."""
        names = set(self._user_account.mailboxes)
        if "SUBSCRIBED" in listing.selecting:
            names |= self._user_account.subscribed
        if "RECURSIVEMATCH" in listing.selecting:
            # A mailbox above one that is selected is told too, if that one itself is not (RFC 5258 §3).
            names.update(*map(above, list(names)))
            return {name for name in names if self._selected(name, listing) or self._child_info(name, listing)}
        return {name for name in names if self._selected(name, listing)}

    def _selected(self, name: str, listing: Listing) -> bool:
        if "SUBSCRIBED" in listing.selecting and name not in self._user_account.subscribed:
            return False
        return "SPECIAL-USE" not in listing.selecting or bool(self._special_use(name))

    def _child_info(self, name: str, listing: Listing) -> bool:
        known = self._user_account.subscribed.union(self._user_account.mailboxes)
        below = (other for other in known if other.startswith(name + DELIMITER))
        return any(self._selected(other, listing) and not listing.takes(other) for other in below)

    def _tell_listed(self, name: str, listing: Listing) -> None:
        line = b'* LIST %b "%b" %b' % (self._attributes(name, listing), DELIMITER.encode(), self.written(name))
        if "RECURSIVEMATCH" in listing.selecting and self._child_info(name, listing):
            criteria = parenthesised(f'"{word}"'.encode() for word in sorted(listing.selecting - {"RECURSIVEMATCH"}))
            line += b' ("CHILDINFO" %b)' % criteria
        self.say_line(line)
        if listing.status and name in self._user_account.mailboxes:
            self._tell_status(name, listing.status)

    def _attributes(self, name: str, listing: Listing) -> bytes:
        return parenthesised(word.encode("ascii") for word in self._attribute_words(name, listing))

    def _attribute_words(self, name: str, listing: Listing) -> Iterator[str]:
        if name not in self._user_account.mailboxes:
            yield "\\NonExistent"
        yield "\\HasChildren" if self._below(name) else "\\HasNoChildren"
        if "SUBSCRIBED" in listing.selecting | listing.returning and name in self._user_account.subscribed:
            yield "\\Subscribed"
        if use := self._special_use(name):
            yield use

    def _special_use(self, name: str) -> str:
        mailbox = self._user_account.mailboxes.get(name)
        # An empty mailbox counts as false.
        return "" if mailbox is None else mailbox.special_use

    def do_lsub(self, arguments: Arguments) -> str:
        r"""Subscribed names that match a pattern; by a `%`, also those above one, as `\Noselect` (RFC 3501 §6.3.9)."""
        arguments.space()
        pattern = arguments.mailbox()
        arguments.space()
        pattern += arguments.pattern()
        arguments.end()
        listing, subscribed = Listing([pattern]), self._user_account.subscribed
        names = self._with_above(subscribed, listing) if "%" in pattern else subscribed
        for name in sorted(filter(listing.takes, names)):
            child = "\\HasChildren" if self._below(name) else "\\HasNoChildren"
            words = child if name in subscribed else "\\Noselect"
            self.say_line(b'* LSUB (%b) "%b" %b' % (words.encode(), DELIMITER.encode(), self.written(name)))
        return "that is all"

    def _with_above(self, names: Iterable[str], listing: Listing) -> set[str]:
        hidden = [name for name in names if not listing.takes(name)]
        return set(names).union(*map(above, hidden))

    def do_namespace(self, arguments: Arguments) -> str:
        """One personal namespace, no others (RFC 2342)."""
        arguments.end()
        self.untagged(f'NAMESPACE (("" "{DELIMITER}")) NIL NIL')
        return "that is all"
