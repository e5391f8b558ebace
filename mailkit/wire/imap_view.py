r"""One session's picture of a mailbox: which number is which message, and what the client was not told yet.

Other sessions and deliveries change the mailbox at any time, but a client's sequence numbers may move only when
it is told so, and it may be told only at certain moments (RFC 3501 §5.2, §7.4.1). So the news waits here. Which
messages are `\Recent` is the picture's too: it is a matter between one session and a message (RFC 3501 §2.3.2).

Must not know: commands, how a client is reached.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING

from mailkit.mail.mailbox import SYSTEM_FLAGS
from mailkit.wire.imap_format import cached_flag_list, flag_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mailkit.mail.mailbox import Change, Mailbox, Message

RECENT = "\\Recent"


@lru_cache(maxsize=1024)
def _with_recent(flags: frozenset[str]) -> bytes:
    return flag_list(flags | {RECENT})


class View:
    r"""The picture of `mailbox` as of now. `on_news` is called when something waits to be told.

    `tells_recent` is false for IMAP4rev2, which has no `\Recent`.
    """

    def __init__(
        self, mailbox: Mailbox, *, read_only: bool, on_news: Callable[[], None], tells_recent: bool = True
    ) -> None:
        self.mailbox = mailbox
        self.read_only = read_only
        self.tells_mod_seq = False
        """Whether flags are told with their mod-sequence: the client knows CONDSTORE (RFC 7162 §3.1)."""
        self.saved: frozenset[int] = frozenset()
        """UIDs that SEARCH RETURN (SAVE) found, for `$` (RFC 5182)."""
        self.uids = mailbox.uids()
        """The message with sequence number n is `uids[n - 1]`."""
        self.flags_told = mailbox.flags_used.union(SYSTEM_FLAGS)
        """What the client knows as flags of this mailbox; FLAGS tells of new keywords before they are used."""
        self.recent: set[int] = set()
        self._tells_recent = tells_recent
        self._arrived: dict[int, None] = {}
        self._flagged: set[int] = set()
        self._ghosts: dict[int, Message] = {}
        self._storing = False
        self._on_news = on_news
        self._claim_recent(self.uids[bisect_left(self.uids, mailbox.first_recent) :])
        self._unsubscribe = mailbox.subscribe(self._hear)

    def close(self) -> None:
        """Hear no more. May be called twice."""
        self._unsubscribe()

    def _claim_recent(self, uids: list[int]) -> None:
        if self._tells_recent:
            self.recent.update(uids)
        if not self.read_only:
            self.mailbox.claim_recent()

    # -- what the client sees

    def number(self, uid: int) -> int:
        """The sequence number of a UID in the picture."""
        return bisect_left(self.uids, uid) + 1

    def numbers(self, uids: list[int]) -> Iterable[int]:
        """The sequence numbers of many; nearly always they follow one another."""
        if not uids:
            return ()
        first = self.number(uids[0])
        if self.uids[first - 1 : first - 1 + len(uids)] == uids:
            return range(first, first + len(uids))
        if self.uids[-1] - self.uids[0] < len(self.uids):  # nothing was ever expunged between them
            return [uid - self.uids[0] + 1 for uid in uids]
        if len(uids) < len(self.uids) / 8:
            return map(self.number, uids)
        places = dict(zip(self.uids, count(1), strict=False))
        return map(places.__getitem__, uids)

    def message(self, uid: int) -> Message:
        """The message as it is; its last state while its expunge is not told yet (RFC 2180 §4.1.1)."""
        return self.mailbox.get(uid) or self._ghosts[uid]

    def messages(self, uids: list[int]) -> list[Message]:
        """Many at once."""
        return list(map(self.message, uids)) if self._ghosts else self.mailbox.get_all(uids)

    def with_flags(self, are_wanted: Callable[[frozenset[str]], bool]) -> list[int]:
        """UIDs of the messages whose flags are wanted."""
        found = {uid for uid, message in self._ghosts.items() if are_wanted(message.flags)}
        found.update(*self.mailbox.with_flags(are_wanted))
        if self._arrived:
            found.difference_update(self._arrived)
        return sorted(found)

    def is_gone(self, uid: int) -> bool:
        """Expunged, and the client does not know."""
        return uid in self._ghosts

    def flags(self, messages: Iterable[Message]) -> list[bytes]:
        r"""The flags of each as the client is told them, `\Recent` included."""
        if not self.recent:
            return [cached_flag_list(message.flags) for message in messages]
        recent = self.recent
        return [(_with_recent if message.uid in recent else cached_flag_list)(message.flags) for message in messages]

    # -- what it is told

    def set_flags(self, uid: int, flags: frozenset[str]) -> None:
        """Change flags without news for this session, which tells in its own way or was asked not to."""
        self._storing = True
        try:
            self.mailbox.set_flags(uid, flags)
        finally:
            self._storing = False

    def new_flags(self, messages: Iterable[Message]) -> Iterator[bytes]:
        """Responses that make keywords known which the client has not met yet (RFC 3501 §7.2.6)."""
        new = frozenset[str]().union(*{message.flags for message in messages}) - self.flags_told
        if new:
            self.flags_told |= new
            yield from self.describe_flags()

    def describe_flags(self) -> Iterator[bytes]:
        r"""All flags of this mailbox, and which of them the client may change; `\*` is any new keyword."""
        permanent = () if self.read_only else (*self.flags_told, "\\*")
        yield b"* FLAGS " + flag_list(self.flags_told)
        yield b"* OK [PERMANENTFLAGS " + flag_list(permanent) + b"] flags that are kept"

    def told_flags(self, uids: Iterable[int]) -> None:
        """The client was just told these messages' flags."""
        if self._flagged:
            self._flagged.difference_update(uids)

    def news(self, *, expunges: bool) -> Iterator[bytes]:
        """Untagged responses that bring the client up to date; with `expunges`, numbers may move."""
        if expunges and self._ghosts:
            yield from self._tell_expunged()
        if self._arrived:
            self.uids += self._arrived
            self._arrived.clear()
            yield b"* %d EXISTS" % len(self.uids)
            if self._tells_recent:
                yield b"* %d RECENT" % len(self.recent)
        if self._flagged:
            yield from self._tell_flagged()

    def _tell_flagged(self) -> Iterator[bytes]:
        messages = self.messages(sorted(self._flagged))
        self._flagged.clear()
        yield from self.new_flags(messages)
        for message, flags in zip(messages, self.flags(messages), strict=True):
            mod_seq = b" MODSEQ (%d)" % message.mod_seq if self.tells_mod_seq else b""
            yield b"* %d FETCH (FLAGS %b%b)" % (self.number(message.uid), flags, mod_seq)

    def _tell_expunged(self) -> Iterator[bytes]:
        for told, uid in enumerate(sorted(self._ghosts)):
            yield b"* %d EXPUNGE" % (self.number(uid) - told)
        self.uids = [uid for uid in self.uids if uid not in self._ghosts]
        self.recent.difference_update(self._ghosts)
        self.saved = self.saved.difference(self._ghosts)
        self._ghosts.clear()

    # -- what happens in the mailbox

    def _hear(self, change: Change) -> None:
        uid = change.message.uid
        match change.kind:
            case "arrived":
                self._arrived[uid] = None
                if uid >= self.mailbox.first_recent:
                    self._claim_recent([uid])
            case "flagged" if self._storing or uid in self._arrived:
                return
            case "flagged":
                self._flagged.add(uid)
            case "expunged" if uid in self._arrived:
                del self._arrived[uid]
                self.recent.discard(uid)
            case "expunged":
                self._flagged.discard(uid)
                self._ghosts[uid] = change.message
        self._on_news()
