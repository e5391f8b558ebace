"""One session's picture of a mailbox: which number is which message, and what the client was not told yet.

Other sessions and deliveries change the mailbox at any time, but a client's sequence numbers may move only when
it is told so, and it may be told only at certain moments (RFC 3501 §5.2, §7.4.1). So the news waits here.

Must not know: commands, how a client is reached.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from mailkit.wire.imap_format import flag_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mailkit.mail.mailbox import Change, Mailbox, Message


class View:
    """The picture of `mailbox` as of now. `on_news` is called when something waits to be told."""

    def __init__(self, mailbox: Mailbox, *, read_only: bool, on_news: Callable[[], None]) -> None:
        self.mailbox = mailbox
        self.read_only = read_only
        self.uids = [message.uid for message in mailbox]
        """The message with sequence number n is `uids[n - 1]`."""
        self._arrived: dict[int, None] = {}
        self._flagged: set[int] = set()
        self._ghosts: dict[int, Message] = {}
        self._storing = False
        self._on_news = on_news
        self._unsubscribe = mailbox.subscribe(self._hear)

    def close(self) -> None:
        """Hear no more. May be called twice."""
        self._unsubscribe()

    def number(self, uid: int) -> int:
        """The sequence number of a UID in the picture."""
        return bisect_left(self.uids, uid) + 1

    def message(self, uid: int) -> Message:
        """The message as it is; its last state while its expunge is not told yet (RFC 2180 §4.1.1)."""
        return self.mailbox.get(uid) or self._ghosts[uid]

    def is_gone(self, uid: int) -> bool:
        """Expunged, and the client does not know."""
        return uid in self._ghosts

    def set_flags(self, uid: int, flags: frozenset[str]) -> None:
        """Change flags without news for this session, which tells in its own way or was asked not to."""
        self._storing = True
        self.mailbox.set_flags(uid, flags)
        self._storing = False

    def told_flags(self, uid: int) -> None:
        """The client was just told this message's flags."""
        self._flagged.discard(uid)

    def news(self, *, expunges: bool) -> Iterator[bytes]:
        """Untagged responses that bring the client up to date; with `expunges`, numbers may move."""
        if expunges:
            yield from self._tell_expunged()
        if self._arrived:
            self.uids += self._arrived
            self._arrived.clear()
            yield b"* %d EXISTS" % len(self.uids)
        for uid in sorted(self._flagged):
            yield b"* %d FETCH (FLAGS %b)" % (self.number(uid), flag_list(self.message(uid).flags))
        self._flagged.clear()

    def _tell_expunged(self) -> Iterator[bytes]:
        for told, uid in enumerate(sorted(self._ghosts)):
            yield b"* %d EXPUNGE" % (self.number(uid) - told)
        if self._ghosts:
            self.uids = [uid for uid in self.uids if uid not in self._ghosts]
            self._ghosts.clear()

    def _hear(self, change: Change) -> None:
        uid = change.message.uid
        match change.kind:
            case "arrived":
                self._arrived[uid] = None
            case "flagged" if self._storing or uid in self._arrived:
                return
            case "flagged":
                self._flagged.add(uid)
            case "expunged" if uid in self._arrived:
                del self._arrived[uid]
            case "expunged":
                self._flagged.discard(uid)
                self._ghosts[uid] = change.message
        self._on_news()
