"""Where a PC's picture and the server's truth differ, letter by letter.

Must not know: sentences, how either was learned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from mailkit.widgets.bench_imap import IMAPProgram
from mailkit.widgets.bench_letter import Summary, summary
from mailkit.widgets.bench_pop3 import POP3Program
from mailkit.wire.pop3_maildrop import unique_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailkit.lab.holdings import Folder, Holdings
    from mailkit.mail.mailbox import Message
    from mailkit.widgets.bench_program import MailProgram

Kind = Literal["unheard", "gone", "flags", "only here", "marked"]
"""Not heard of; gone on the server; other flags; a copy that POP3 leaves; marked in an open POP3 session."""


class Difference(NamedTuple):
    """`key` names the letter as the PC does; `there` and `here` are flags that only one side has.

    `letter` is its summary, or the message: of thousands of letters, few are told.
    """

    kind: Kind
    key: str
    letter: Summary | bytes
    there: tuple[str, ...] = ()
    here: tuple[str, ...] = ()

    @property
    def summary(self) -> Summary:
        """Who wrote it, about what."""
        return summary(self.letter) if isinstance(self.letter, bytes) else self.letter

    @property
    def is_stale(self) -> bool:
        """The PC does not know yet. A copy, or a mark of its own, it knows well."""
        return self.kind in ("unheard", "gone", "flags")


def differences(program: MailProgram, truth: Holdings) -> list[Difference]:
    """In the order of the PC's letters, then what it has not heard of."""
    folder = truth.folder(program.folder)
    if isinstance(program, IMAPProgram):
        return list(_imap(program, folder))
    if isinstance(program, POP3Program):
        return list(_pop3(program, folder))
    return []


def _imap(program: IMAPProgram, folder: Folder | None) -> Iterator[Difference]:
    same = folder is not None and program.validity in (0, folder.uid_validity)
    there = {str(m.uid): m for m in folder.messages} if folder is not None else {}
    for letter in program.letters:
        message = there.pop(letter.key, None) if same else None
        if message is None:
            yield Difference("gone", letter.key, letter.summary)
        elif message.flags != letter.flags:
            only_there, only_here = sorted(message.flags - letter.flags), sorted(letter.flags - message.flags)
            yield Difference("flags", letter.key, letter.summary, tuple(only_there), tuple(only_here))
    yield from _unheard(there)


def _pop3(program: POP3Program, folder: Folder | None) -> Iterator[Difference]:
    messages = folder.messages if folder else ()
    there = {unique_id(folder.uid_validity if folder else 0, m.uid): m for m in messages}
    for letter in program.letters:
        message = there.pop(letter.key, None)
        if message is None:
            yield Difference("gone" if letter.content is None else "only here", letter.key, letter.summary)
        elif letter.key in program.marked:
            yield Difference("marked", letter.key, letter.summary)
    yield from _unheard(there)


def _unheard(there: dict[str, Message]) -> Iterator[Difference]:
    for key, message in there.items():
        yield Difference("unheard", key, message.raw)
