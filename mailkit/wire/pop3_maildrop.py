"""The maildrop of one POP3 session: what was there at login, numbered, and what is marked as deleted (RFC 1939 §4, §5).

Must not know: commands, replies beyond the text of a refusal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.wire.transparency import as_lines

if TYPE_CHECKING:
    from mailkit.mail.mailbox import Mailbox


class Refused(Exception):
    """The command fails, and the session goes on; the text follows `-ERR `."""


class Maildrop:
    """Numbers count from 1 and never change in a session; other sessions may remove messages, but not from here."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        messages = list(mailbox)
        self._uids = [message.uid for message in messages]
        self._contents = [as_lines(message.raw) for message in messages]
        self.deleted: set[int] = set()
        """Numbers marked by DELE."""

    def present(self) -> list[int]:
        """The numbers that are not marked."""
        return [number for number in range(1, len(self._uids) + 1) if number not in self.deleted]

    def find(self, text: str) -> int:
        """The number that `text` names; Refused when there is no such message or it is marked."""
        number = count(text)
        if not 1 <= number <= len(self._uids):
            raise Refused(f"no message {text}; there are {len(self._uids)}")
        if number in self.deleted:
            raise Refused(f"message {number} is marked as deleted; RSET brings it back")
        return number

    def content(self, number: int) -> bytes:
        """The message as whole lines ended by CRLF, before any dot is doubled."""
        return self._contents[number - 1]

    def top(self, number: int, lines: int) -> bytes:
        """The header, the empty line, then so many lines of the body (RFC 1939 §7, TOP)."""
        content = self.content(number)
        # A message may begin with the empty line: it has no header then.
        header_end = 2 if content.startswith(b"\r\n") else content.find(b"\r\n\r\n") + 4
        if header_end < 4 and not content.startswith(b"\r\n"):
            return content
        body = content[header_end:].split(b"\r\n", lines)[:lines]
        return content[:header_end] + b"\r\n".join(body)

    def size(self, number: int) -> int:
        """Octets of the content, two for each line end (RFC 1939 §11)."""
        return len(self._contents[number - 1])

    def unique_id(self, number: int) -> str:
        """The same in every session, and never given to another message (RFC 1939 §7, UIDL)."""
        return unique_id(self._mailbox.uid_validity, self._uids[number - 1])

    def commit(self) -> int:
        """Remove what is marked; how many that were."""
        self._mailbox.expunge(self._uids[number - 1] for number in sorted(self.deleted))
        return len(self.deleted)


def unique_id(uid_validity: int, uid: int) -> str:
    """UIDL's name for the message that IMAP4 calls by these two."""
    return f"{uid_validity}.{uid}"


def count(text: str) -> int:
    """A number of a message or of lines."""
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise Refused(f"{text[:20]!a} is no number")
    return int(text)
