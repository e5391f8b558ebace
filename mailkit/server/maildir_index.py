"""What no message's name in a Maildir can say: three small files, read at the start and replaced as a whole.

`mailkit-index.json` and `mailkit-uidnext-12` are ours; the second is empty, and its name says that the next UID is 12.
`dovecot-keywords` is Dovecot's list of the keywords that letters stand for. Must not know: messages.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from mailkit.locale import _
from mailkit.server import durable
from mailkit.server.maildir_name import MAX_KEYWORDS

if TYPE_CHECKING:
    from pathlib import Path

INDEX, UID_NEXT, KEYWORDS = "mailkit-index.json", "mailkit-uidnext-", "dovecot-keywords"


@dataclass
class Index:
    """One mailbox. `mod_seq` may be ahead of what was given, never behind."""

    uid_validity: int = 1
    special_use: str = ""
    mod_seq: int = 1
    uids: dict[str, int] = field(default_factory=dict)
    """UIDs of messages whose names, given by other programs, do not tell them; by what stands before the flags."""
    keywords: dict[str, list[str]] = field(default_factory=dict)
    """By UID, flags that have no letter."""

    def write(self, folder: Path) -> None:
        """Replace the file. NotKept."""
        durable.replace(folder / INDEX, json.dumps(asdict(self), indent=1).encode() + b"\n")


def read_index(folder: Path) -> Index | None:
    """The index of a mailbox. None when there is none, or it was broken and is put aside: then UIDs begin anew."""
    found = read_json(folder / INDEX, asdict(Index()), _("the messages get new UIDs, and clients fetch them again."))
    return None if found is None else Index(**found)


def read_json(path: Path, example: dict[str, Any], loss: str) -> dict[str, Any] | None:
    """A JSON object whose values are of the same types as those of `example`; what is missing is taken from there.

    None when there is no such file. One that says something else is put aside, with a sentence that ends in `loss`.
    """
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        found, reason = None, str(error)
    else:
        reason = _misfit(found, example)
    if not reason:
        return example | {name: value for name, value in found.items() if name in example}
    durable.warn(
        _("{path} is damaged: {reason}. It was put aside as {aside}; {loss}").format(
            path=path, reason=reason, aside=durable.put_aside(path).name, loss=loss
        )
    )
    return None


def _misfit(found: Any, example: dict[str, Any]) -> str:
    """What is wrong, or nothing."""
    if not isinstance(found, dict):
        return _("expected a JSON object")
    for name, value in example.items():
        if type(found.get(name, value)) is not type(value):
            return _("expected {name!r} to be like {value!r}, found {found!r}").format(
                name=name, value=value, found=found[name]
            )
    return ""


def read_uid_next(folder: Path) -> int:
    """The next UID, as far as anybody has said."""
    found = [path.name.removeprefix(UID_NEXT) for path in folder.glob(UID_NEXT + "*")]
    return max((int(number) for number in found if number.isascii() and number.isdigit()), default=1)


def write_uid_next(folder: Path, old: int, new: int) -> None:
    """Say it before the UID is given: else another program could remove the newest message, and nobody would know.

    One rename without fsync, for the names of the messages say it too. NotKept.
    """
    with durable.kept():
        try:
            (folder / f"{UID_NEXT}{old}").rename(folder / f"{UID_NEXT}{new}")
        except FileNotFoundError:
            (folder / f"{UID_NEXT}{new}").touch()


def read_keywords(folder: Path) -> list[str]:
    """The keywords for a, b, c …; "" where a letter has none. Lines that say nothing of the kind are passed over."""
    try:
        lines = (folder / KEYWORDS).read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return []
    keywords = [""] * MAX_KEYWORDS
    for line in lines:
        number, _space, keyword = line.partition(" ")
        if number.isascii() and number.isdigit() and int(number) < MAX_KEYWORDS:
            keywords[int(number)] = keyword.strip()
    return keywords


def write_keywords(folder: Path, keywords: list[str]) -> None:
    """Replace the list. NotKept."""
    lines = [f"{number} {keyword}\n" for number, keyword in enumerate(keywords) if keyword]
    durable.replace(folder / KEYWORDS, "".join(lines).encode())
