"""An IMAP4 session's frame: reading commands whole, judging them by state, and ending each with its reply.

Must not know: what any command does; that is in the classes built on this one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailkit.mail.mailbox import NotKept
from mailkit.wire.engine import Engine, LineTooLong
from mailkit.wire.imap_names import to_wire
from mailkit.wire.imap_states import LEGAL, NEEDS, NUMBERS_STAND_STILL, State
from mailkit.wire.imap_syntax import (
    MAX_LINE,
    MAX_LITERAL,
    MAX_MESSAGE,
    Arguments,
    Bad,
    No,
    literal_ahead,
)

if TYPE_CHECKING:
    from collections.abc import Generator

    from mailkit.mail.mailbox import Account, MailStore
    from mailkit.wire.engine import Dialogue
    from mailkit.wire.imap_states import Condition
    from mailkit.wire.imap_view import View

    Outcome = str | Generator[None, None, str | None]
    """The text after the tagged OK. A command that talks on gives it at its end, or None if it said it."""


NO_TAG = "*"
_APPEND = re.compile(rb"[^ ]+ APPEND ", re.IGNORECASE)


class TooLong(Exception):
    """A command past a limit: the reply without its tag, and how the command began."""

    def __init__(self, reply: str, start: bytes) -> None:
        super().__init__(reply)
        self.start = start


class IMAPSession(Engine):
    """The base of the server. A command is a method `do_<verb>` that reads its arguments and gives an Outcome."""

    max_line = MAX_LINE

    def __init__(self, store: MailStore) -> None:
        super().__init__()
        self._store = store
        self._account: Account | None = None
        self._view: View | None = None
        self._tag = NO_TAG
        self._ending = False
        self._enabled: set[str] = set()
        """What the client switched on: IMAP4rev2, UTF8=ACCEPT, CONDSTORE (RFC 5161)."""

    @property
    def state(self) -> State:
        """The state that the next command is judged in."""
        if self._account is None:
            return State.NOT_AUTHENTICATED
        return State.AUTHENTICATED if self._view is None else State.SELECTED

    @property
    def user(self) -> str | None:
        """The address that logged in."""
        return self._account.address if self._account else None

    @property
    def _is_rev2(self) -> bool:
        """Whether the client asked for RFC 9051, which differs in what it is told unasked."""
        return "IMAP4REV2" in self._enabled

    @property
    def _utf8(self) -> bool:
        """Whether mailbox names go as UTF-8 (RFC 9051 §5.1, RFC 6855 §3)."""
        return not self._enabled.isdisjoint({"IMAP4REV2", "UTF8=ACCEPT"})

    def close(self) -> None:
        """Stop listening to the mailbox."""
        self._leave()

    def _leave(self) -> None:
        if self._view is not None:
            self._view.close()
        self._view = None

    # -- commands

    def _obey_all(self) -> Dialogue:
        while not self._ending:
            try:
                command = yield from self._read_command()
            except TooLong as error:
                self.say_line(f"{_tag_of(error.start)} {error}".encode("ascii", "replace"))
            except LineTooLong as error:
                self.say_line(f"{_tag_of(error.start)} BAD {error}".encode("ascii", "replace"))
            else:
                yield from self._obey(command)

    def _obey(self, command: bytes) -> Dialogue:
        verb, reply, self._tag = "", "", NO_TAG
        arguments = Arguments(command, utf8=self._utf8)
        try:
            self._tag = arguments.tag()
            arguments.space()
            verb = arguments.atom()
            text = yield from self._perform(verb, arguments)
            reply = f"OK {text}" if text else ""
        except (Bad, LineTooLong) as error:
            reply = f"BAD {error}"
        except No as error:
            reply = f"NO {error}"
        except NotKept as error:
            reply = f"NO [UNAVAILABLE] {error}"  # RFC 5530: a temporary failure of a subsystem
        self.tell_news(expunges=verb not in NUMBERS_STAND_STILL)
        if reply:
            self.say_line(f"{self._tag} {reply}".encode("ascii", "replace"))

    def _perform(self, verb: str, arguments: Arguments) -> Generator[None, None, str | None]:
        if verb not in LEGAL:
            raise Bad(f"unknown command {verb[:20]}")
        if self.state not in LEGAL[verb]:
            raise Bad(f"{verb} is not legal in the {self.state.value} state")
        for condition in NEEDS.get(verb, ()):
            if not self._meets(condition):
                raise refusal(condition)
        outcome: Outcome = getattr(self, f"do_{verb.lower()}")(arguments)
        if isinstance(outcome, str):
            return outcome
        return (yield from outcome)

    def _meets(self, condition: Condition) -> bool:
        """Whether what a command needs besides its state is given."""
        raise NotImplementedError

    # -- reading

    def _read_command(self) -> Generator[None, None, bytes]:
        """A command with its literals. TooLong past a limit; what was sent is read to its end then, not kept."""
        command = bytearray()
        while (ahead := literal_ahead(line := (yield from self.read_line()))) is not None:
            command += line + b"\r\n"
            size, unasked = ahead
            if size > self._room(command):
                yield from self._skip_rest(size, unasked)
                raise TooLong(self._too_big(size, command), bytes(command[:MAX_LINE]))
            if not unasked:
                self.say_line(b"+ go ahead")
            command += yield from self.read_bytes(size)
        return bytes(command + line)

    def _room(self, command: bytearray) -> int:
        """Octets that the next literal may have."""
        if self._is_append(command):
            return min(MAX_MESSAGE, MAX_MESSAGE + MAX_LINE - len(command))
        return min(MAX_LITERAL, MAX_LINE - len(command))

    def _is_append(self, command: bytearray) -> bool:
        return self._account is not None and _APPEND.match(command) is not None

    def _too_big(self, size: int, command: bytearray) -> str:
        """APPEND is refused as RFC 7889 §4 has it; any other literal of that size is nonsense."""
        if self._is_append(command):
            return f"NO [TOOBIG] a message of {size} octets is too big; {MAX_MESSAGE} is the limit"
        return f"BAD a literal of {size} octets is too big here"

    def _skip_rest(self, size: int, unasked: bool) -> Dialogue:
        """Pass over literals that come unasked; one that waits to be asked for will not come (RFC 7888 §3)."""
        ahead: tuple[int, bool] | None = (size, unasked)
        while ahead is not None and ahead[1]:
            yield from self._skip(ahead[0])
            ahead = literal_ahead((yield from self.read_line()))

    def _skip(self, count: int) -> Dialogue:
        while count > 0:
            count -= len((yield from self.read_bytes(min(count, MAX_LINE))))

    # -- saying

    def untagged(self, text: str) -> None:
        self.say_line(b"* " + text.encode("ascii", "replace"))

    def written(self, name: str) -> bytes:
        """A mailbox name for the client: quoted, in the spelling it understands."""
        octets = to_wire(name, utf8=self._utf8)
        return b'"' + octets.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'

    def tell_news(self, *, expunges: bool) -> None:
        """What other sessions and deliveries changed; with `expunges`, sequence numbers may move."""
        if self._view is not None:
            for line in self._view.news(expunges=expunges):
                self.say_line(line)


def refusal(condition: Condition) -> Bad | No:
    """The reply to a command whose condition is not given."""
    kind, _, text = condition.value.partition(" ")
    return No(text) if kind == "NO" else Bad(text)


def _tag_of(command: bytes) -> str:
    """The tag that the reply bears; NO_TAG when there is none to be seen."""
    try:
        return Arguments(command).tag()
    except Bad:
        return NO_TAG
