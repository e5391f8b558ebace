"""STATUS: counts of a mailbox that nobody needs to open (RFC 3501 §6.3.10, RFC 9051 §6.3.11).

Must not know: sessions, commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.mail.mailbox import DELETED, SEEN
from mailkit.wire.imap_format import parenthesised
from mailkit.wire.imap_syntax import MAX_MESSAGE, Arguments, Bad

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mailkit.mail.mailbox import Mailbox


def _count(mailbox: Mailbox, are_wanted: Callable[[frozenset[str]], bool]) -> int:
    return sum(map(len, mailbox.with_flags(are_wanted)))


COUNTS: dict[str, Callable[[Mailbox], int]] = {
    "MESSAGES": len,
    "RECENT": lambda mailbox: sum(uid >= mailbox.first_recent for uid in mailbox.uids()),
    "UIDNEXT": lambda mailbox: mailbox.uid_next,
    "UIDVALIDITY": lambda mailbox: mailbox.uid_validity,
    "UNSEEN": lambda mailbox: _count(mailbox, lambda flags: SEEN not in flags),
    "DELETED": lambda mailbox: _count(mailbox, lambda flags: DELETED in flags),
    "SIZE": lambda mailbox: sum(len(message.raw) for message in mailbox),
    "HIGHESTMODSEQ": lambda mailbox: mailbox.highest_mod_seq,
    "APPENDLIMIT": lambda mailbox: MAX_MESSAGE,
}
"""SIZE is RFC 8438's, HIGHESTMODSEQ RFC 7162's, APPENDLIMIT RFC 7889's."""


def status_items(arguments: Arguments) -> list[str]:
    """What is to be counted, in parentheses, in capitals."""
    items = arguments.list_of(arguments.atom)
    unknown = [item for item in items if item not in COUNTS]
    if unknown:
        raise Bad(f"no count {unknown[0][:20]}; there are {' '.join(COUNTS)}")
    return items


def counted(mailbox: Mailbox, items: Iterable[str]) -> bytes:
    """`(MESSAGES 2 UNSEEN 1)`."""
    return parenthesised(f"{item} {COUNTS[item](mailbox)}".encode("ascii") for item in items)
