r"""The POP3 server as a dialogue: one person fetches from one maildrop (RFC 1939, 2449, 2595, 5034).

Must not know: sockets, certificates, how mail got into the maildrop. Nothing here touches flags: to POP3 a
message is there or not, so RETR leaves `\Seen`, which is IMAP4's, as it was.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from mailkit.mail.mailbox import Mailbox, NotKept
from mailkit.wire.engine import Engine, LineTooLong
from mailkit.wire.sasl import Plain
from mailkit.wire.transparency import as_lines, dot_stuffed

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from mailkit.mail.mailbox import Account, MailStore
    from mailkit.wire.engine import Dialogue


class State(Enum):
    """Where a session is (RFC 1939 §3). UPDATE is what QUIT does on the way out of TRANSACTION."""

    AUTHORIZATION = "AUTHORIZATION"
    TRANSACTION = "TRANSACTION"


_BEFORE, _AFTER = frozenset({State.AUTHORIZATION}), frozenset({State.TRANSACTION})

LEGAL: dict[str, frozenset[State]] = {
    "USER": _BEFORE,
    "PASS": _BEFORE,
    "AUTH": _BEFORE,
    "STLS": _BEFORE,
    "STAT": _AFTER,
    "LIST": _AFTER,
    "UIDL": _AFTER,
    "RETR": _AFTER,
    "TOP": _AFTER,
    "DELE": _AFTER,
    "RSET": _AFTER,
    "NOOP": _AFTER,
    "CAPA": _BEFORE | _AFTER,
    "QUIT": _BEFORE | _AFTER,
}
"""In which states each command is legal. The engine obeys this table; documentation and widgets read it."""


class Refused(Exception):
    """The command fails, and the session goes on; the text follows `-ERR `."""


class Maildrop:
    """What was there at login. Numbers count from 1 and never change in a session (RFC 1939 §5)."""

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
        number = _count(text)
        if not 1 <= number <= len(self._uids):
            raise Refused(f"no message {text}; there are {len(self._uids)}")
        if number in self.deleted:
            raise Refused(f"message {number} is marked as deleted; RSET brings it back")
        return number

    def content(self, number: int) -> bytes:
        """The message as whole lines ended by CRLF, before any dot is doubled."""
        return self._contents[number - 1]

    def size(self, number: int) -> int:
        """Octets of the content, two for each line end (RFC 1939 §11)."""
        return len(self._contents[number - 1])

    def unique_id(self, number: int) -> str:
        """The same in every session, and never given to another message (RFC 1939 §7, UIDL)."""
        return f"{self._mailbox.uid_validity}.{self._uids[number - 1]}"

    def commit(self) -> int:
        """Remove what is marked; how many that were."""
        self._mailbox.expunge(self._uids[number - 1] for number in sorted(self.deleted))
        return len(self.deleted)


class POP3Server(Engine):
    """One POP3 session over the mail of `store`. APOP is off, so the greeting holds no timestamp."""

    max_line = 12288
    """The longest answer to an AUTH challenge that RFC 5034 §4 asks for; commands are far shorter."""

    def __init__(self, store: MailStore, *, hostname: str, tls_available: bool = False) -> None:
        super().__init__()
        self._store = store
        self._hostname = hostname
        self._tls_available = tls_available
        self._name = ""
        self._account: Account | None = None
        self._drop = Maildrop(Mailbox("none before login"))
        self._ending = False

    @property
    def state(self) -> State:
        """The state that the next command is judged in."""
        return State.AUTHORIZATION if self._account is None else State.TRANSACTION

    @property
    def user(self) -> str | None:
        """The address that logged in."""
        return self._account.address if self._account else None

    def converse(self) -> Dialogue:
        self._ok(f"{self._hostname} POP3 server ready")
        while not self._ending:
            try:
                line = yield from self.read_line()
                yield from self._obey(line)
            except Refused as refusal:
                self._err(str(refusal))
            except LineTooLong as error:
                self._err(str(error))

    def close(self) -> None:
        """Free the maildrop. Marks that QUIT has not turned into deletions are void (RFC 1939 §6)."""
        if self._account is not None:
            self._account.locked = False

    def _obey(self, line: bytes) -> Dialogue:
        verb, _, argument = line.decode("utf-8", "surrogateescape").partition(" ")
        verb = verb.upper()
        if verb not in LEGAL:
            raise Refused(f"unknown command {verb[:20]!a}")
        if self.state not in LEGAL[verb]:
            raise Refused(f"{verb} is not legal in the {self.state.value} state")
        dialogue: Dialogue | None = getattr(self, f"do_{verb.lower()}")(argument)
        if dialogue is not None:
            yield from dialogue

    # -- either state

    def do_capa(self, argument: str) -> None:
        """What this server can, in this state (RFC 2449 §5)."""
        _words(argument, 0)
        self._ok("capabilities follow")
        self._say_list(self._capabilities())

    def _capabilities(self) -> Iterator[str]:
        yield from ("TOP", "UIDL", "RESP-CODES", "PIPELINING")
        if self.state is State.AUTHORIZATION:
            yield from ("USER", "SASL PLAIN")
            if self._tls_available and not self.is_tls:
                yield "STLS"

    def do_quit(self, argument: str) -> None:
        """Say goodbye; after login, what DELE marked is removed now and not before (RFC 1939 §6)."""
        _words(argument, 0)
        self._ending = True
        try:
            self._ok(f"goodbye, {self._drop.commit()} deleted" if self._account else "goodbye")
        except NotKept as error:
            self._err(f"some messages are not removed: {error}")

    # -- AUTHORIZATION

    def do_user(self, argument: str) -> None:
        """Name the mailbox. Unknown names are not told from known ones (RFC 1939 §7, USER)."""
        (self._name,) = _words(argument, 1)
        self._ok("now the password, with PASS")

    def do_pass(self, argument: str) -> None:
        """The password: all after the first space, spaces included (RFC 1939 §7, PASS)."""
        name, self._name = self._name, ""
        if not name:
            raise Refused("PASS is not legal before USER")
        self._log_in(self._store.log_in(name, argument))

    def do_auth(self, argument: str) -> Dialogue:
        """SASL PLAIN, its response on the same line or after an empty challenge (RFC 5034 §4)."""
        mechanism, _, initial = argument.partition(" ")
        if mechanism.upper() != "PLAIN":
            raise Refused(f"unknown mechanism {mechanism[:20]!a}; there is PLAIN")
        response = initial.encode("utf-8", "surrogateescape")
        if not response:
            response = yield from self._challenge()
        plain = Plain.decode(response)
        if plain is None:
            raise Refused("the response is not the Base64 text of PLAIN (RFC 4616)")
        account = self._store.log_in(plain.user, plain.password)
        self._log_in(account if account and plain.acts_as(account.address) else None)

    def _challenge(self) -> Generator[None, None, bytes]:
        self.say_line(b"+ ")
        response = yield from self.read_line()
        if response == b"*":
            raise Refused("AUTH cancelled")
        return response

    def do_stls(self, argument: str) -> Dialogue:
        """Start TLS. What was named in clear before is forgotten (RFC 2595 §4)."""
        _words(argument, 0)
        if self.is_tls:
            raise Refused("TLS is on already")
        if not self._tls_available:
            raise Refused("no TLS on this server")
        self._ok("begin TLS")
        self._name = ""
        yield from self.start_tls()

    def _log_in(self, account: Account | None) -> None:
        if account is None:
            raise Refused("wrong user name or password")
        if account.locked:
            raise Refused("[IN-USE] another session holds the maildrop; wait for its QUIT")
        account.locked = True
        self._account, self._drop = account, Maildrop(account.inbox)
        self._ok(f"{len(self._drop.present())} messages")

    # -- TRANSACTION

    def do_stat(self, argument: str) -> None:
        """`+OK count octets`, without what is marked."""
        _words(argument, 0)
        numbers = self._drop.present()
        self._ok(f"{len(numbers)} {sum(map(self._drop.size, numbers))}")

    def do_list(self, argument: str) -> None:
        """Sizes in octets, of all or of one."""
        self._say_table(argument, self._drop.size)

    def do_uidl(self, argument: str) -> None:
        """Unique ids, of all or of one."""
        self._say_table(argument, self._drop.unique_id)

    def do_retr(self, argument: str) -> None:
        """The whole message."""
        number = self._drop.find(*_words(argument, 1))
        self._ok(f"{self._drop.size(number)} octets")
        self.say(dot_stuffed(self._drop.content(number)))

    def do_top(self, argument: str) -> None:
        """The header, the empty line, then so many lines of the body (RFC 1939 §7, TOP)."""
        number_text, count_text = _words(argument, 2)
        number, count = self._drop.find(number_text), _count(count_text)
        self._ok(f"top of message {number} follows")
        header, empty_line, body = self._drop.content(number).partition(b"\r\n\r\n")
        lines = body.split(b"\r\n", count)[:count]
        self.say(dot_stuffed(header + empty_line + b"\r\n".join(lines)))

    def do_dele(self, argument: str) -> None:
        """Mark a message; QUIT removes it."""
        number = self._drop.find(*_words(argument, 1))
        self._drop.deleted.add(number)
        self._ok(f"message {number} marked as deleted")

    def do_rset(self, argument: str) -> None:
        """Take all marks off."""
        _words(argument, 0)
        self._drop.deleted.clear()
        self._ok(f"{len(self._drop.present())} messages")

    def do_noop(self, argument: str) -> None:
        """Nothing, politely."""
        _words(argument, 0)
        self._ok("still here")

    def _say_table(self, argument: str, column: Callable[[int], object]) -> None:
        words = argument.split()
        if words:
            number = self._drop.find(*_words(argument, 1))
            self._ok(f"{number} {column(number)}")
        else:
            self._ok("all messages follow")
            self._say_list(f"{number} {column(number)}" for number in self._drop.present())

    # -- replies

    def _ok(self, text: str) -> None:
        self.say_line(f"+OK {text}".encode("utf-8", "replace"))

    def _err(self, text: str) -> None:
        self.say_line(f"-ERR {text}".encode("utf-8", "replace"))

    def _say_list(self, lines: Iterable[str]) -> None:
        self.say(b"".join(line.encode() + b"\r\n" for line in lines) + b".\r\n")


def _words(argument: str, count: int) -> list[str]:
    words = argument.split()
    if len(words) != count:
        raise Refused(f"expected {count} argument{'' if count == 1 else 's'}, found {len(words)}")
    return words


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise Refused(f"{text[:20]!a} is no number")
    return int(text)
