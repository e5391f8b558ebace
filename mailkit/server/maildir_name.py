r"""The names of files and folders in a Maildir, which hold nearly all that is known of a message.

    1775433600.V1U12.mail.example.com,Q=A7:2,FSa
    when       |     where            |      flags: Flagged, Seen, and the keyword that `dovecot-keywords` calls a
               UIDVALIDITY and UID    the queue id that brought it

So one rename files a message together with its UID, or changes its flags: there is no list that could disagree. What
stands before the colon never changes while the message is in its mailbox, as other programs expect.

Must not know: files. https://cr.yp.to/proto/maildir.html, https://doc.dovecot.org/admin_manual/mailbox_formats/maildir/
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from mailkit.mail.mailbox import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN
from mailkit.wire.imap_names import from_utf7, to_utf7

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SEPARATOR = "!" if os.name == "nt" else ":"
"""What stands before the flags. Windows allows no colon in a name; Python's `mailbox` names the same substitute."""
LETTERS = {DRAFT: "D", FLAGGED: "F", "$Forwarded": "P", ANSWERED: "R", SEEN: "S", DELETED: "T"}
MAX_KEYWORDS = 26
"""Keywords that have a letter, a to z."""
DELIMITER = "/"

_FLAGS = {letter: flag for flag, letter in LETTERS.items()}
_OURS = re.compile(r"\d+\.V(?P<uid_validity>\d{1,10})U(?P<uid>\d{1,10})\.[^,]*(?:,Q=(?P<origin>[^,]+))?")
_DOTS = re.compile("[%.]")
_UNSAFE = re.compile(r"[^A-Za-z0-9@_+=.-]|^\.|\.$")
"""What may not stand in a name on one system or another, or would make it a hidden one."""
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")


class Named(NamedTuple):
    """What a name says. `uid_validity` and `uid` are 0 in a name that another program gave."""

    base: str
    letters: str = ""
    uid_validity: int = 0
    uid: int = 0
    origin: str = ""


def read(name: str) -> Named:
    """Take a file's name apart."""
    base, _, info = name.partition(SEPARATOR)
    letters = info[2:] if info.startswith("2,") else ""
    match = _OURS.fullmatch(base)
    if match is None:
        return Named(base, letters)
    return Named(base, letters, int(match["uid_validity"]), int(match["uid"]), match["origin"] or "")


def base_name(seconds: int, uid_validity: int, uid: int, host: str, origin: str) -> str:
    """The part that stays."""
    brought = f",Q={origin}" if origin else ""
    return f"{seconds}.V{uid_validity}U{uid}.{portable(host)}{brought}"


def order(name: str) -> tuple[int, int, str]:
    """Oldest first, as far as names tell."""
    named = read(name)
    digits = re.match(r"\d{1,12}", named.base)
    return int(digits[0]) if digits else 0, named.uid, named.base


def with_letters(base: str, letters: str) -> str:
    """The whole name of a message that a reader has had in hand; those in `new` have the base alone."""
    return f"{base}{SEPARATOR}2,{letters}"


def to_letters(flags: Iterable[str], keywords: Sequence[str], others: str) -> tuple[str, list[str]]:
    """Flags as letters in ASCII order, as every reader wants them; and the keywords for which there is no letter.

    `others` are letters whose meaning is unknown here: they stay.
    """
    known = LETTERS | {word: chr(ord("a") + n) for n, word in enumerate(keywords[:MAX_KEYWORDS]) if word}
    letters = {known[flag] for flag in flags if flag in known}
    return "".join(sorted(letters.union(others))), sorted(flag for flag in flags if flag not in known)


def to_flags(letters: str, keywords: Sequence[str]) -> tuple[frozenset[str], str]:
    """What letters mean, and those of which nobody knows."""
    known = _FLAGS | {chr(ord("a") + n): word for n, word in enumerate(keywords[:MAX_KEYWORDS]) if word}
    return frozenset(known[it] for it in letters if it in known), "".join(it for it in letters if it not in known)


# -- folders (Maildir++)


def folder_name(mailbox: str) -> str:
    """`Work/Büro` is the folder `.Work.B&APw-ro`, INBOX the account's own.

    A dot within a level is written %2E, as Dovecot does with `mailbox_list_storage_escape_char=%`.
    """
    if mailbox == "INBOX":
        return ""
    levels = (_percent(level, _DOTS) for level in mailbox.split(DELIMITER))
    return "".join("." + to_utf7(level).decode("ascii") for level in levels)


def mailbox_name(folder: str) -> str:
    """The mailbox of such a folder. ValueError when no mailbox can have that name."""
    try:
        name = DELIMITER.join(_unpercent(from_utf7(level.encode("ascii"))) for level in folder[1:].split("."))
    except ValueError:
        name = ""
    if not folder.startswith(".") or folder_name(name) != folder or not all(name.split(DELIMITER)):
        raise ValueError(f"{folder!r} is no folder of a Maildir")
    return name


def portable(name: str) -> str:
    """A folder's name for an address or a host, on any system: `a/b@example.com` must not lead elsewhere."""
    return _percent(name, _UNSAFE)


def _percent(text: str, what: re.Pattern[str]) -> str:
    return what.sub(lambda match: "".join(f"%{octet:02X}" for octet in match[0].encode()), text)


def _unpercent(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
