r"""The POP3 server as a dialogue: one person fetches from one maildrop (RFC 1939, 2449, 2595, 3206, 5034).

Must not know: sockets, certificates, how mail got into the maildrop. Nothing here touches flags: to POP3 a
message is there or not, so RETR leaves `\Seen`, which is IMAP4's, as it was.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from mailkit.mail.mailbox import Mailbox, NotKept
from mailkit.wire import sasl
from mailkit.wire.engine import Engine, LineTooLong
from mailkit.wire.pop3_maildrop import Maildrop, Refused, count
from mailkit.wire.pop3_states import LEGAL, NEEDS, Condition, State
from mailkit.wire.transparency import END, dot_stuffed, stuffed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mailkit.mail.mailbox import Account, MailStore
    from mailkit.wire.engine import Dialogue


class POP3Server(Engine):
    """One POP3 session over the mail of `store`.

    With `apop_timestamp` ("<1896.697170952@mail.example.com>", never the same twice), and only with it, the greeting
    holds a timestamp and APOP works (RFC 1939 §7). Without `allow_plaintext_login`, no password is taken before TLS.
    """

    max_line = 12288
    """RFC 5034 §4 wants lines as long as the mechanisms need, and names no number; RFC 4954 §4 finds this one enough.

    Commands, which could end at 255 (RFC 2449 §4), may be as long: so an AUTH is heard whose client should have kept
    so long an initial response for the challenge (RFC 5034 §4).
    """

    def __init__(
        self,
        store: MailStore,
        *,
        hostname: str,
        tls_available: bool = False,
        allow_plaintext_login: bool = True,
        apop_timestamp: str = "",
    ) -> None:
        super().__init__()
        self._store = store
        self._hostname = hostname
        self._tls_available = tls_available
        self._allow_plaintext_login = allow_plaintext_login
        self._apop_timestamp = apop_timestamp
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
        self._ok(f"{self._hostname} POP3 server ready {self._apop_timestamp}".rstrip())
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
        for condition in NEEDS.get(verb, ()):
            if not self._meets(condition):
                raise Refused(condition.value)
        dialogue: Dialogue | None = getattr(self, f"do_{verb.lower()}")(argument)
        if dialogue is not None:
            yield from dialogue

    def _meets(self, condition: Condition) -> bool:
        """Whether what a command needs besides its state is given."""
        match condition:
            case Condition.CLEAR:
                return not self.is_tls
            case Condition.TLS_OFFERED:
                return self._tls_available
            case Condition.PRIVATE:
                return self.is_tls or self._allow_plaintext_login
            case Condition.APOP_OFFERED:
                return bool(self._apop_timestamp)
            case Condition.NAMED:
                return bool(self._name)

    # -- either state

    def do_capa(self, argument: str) -> None:
        """What this server can (RFC 2449 §5)."""
        _words(argument, 0)
        self._ok("capabilities follow")
        self._say_list(self._capabilities())

    def _capabilities(self) -> Iterator[str]:
        """Only what is honoured. What is so before login is announced after it too (RFC 2449 §5), though no use then.

        APOP is announced by the greeting alone (RFC 2449 §6).
        """
        yield from ("TOP", "UIDL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING", "EXPIRE NEVER")
        if self._meets(Condition.PRIVATE):
            yield from ("USER", f"SASL {' '.join(sasl.mechanisms(self._store))}")
        if self._meets(Condition.CLEAR) and self._meets(Condition.TLS_OFFERED):
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
        self._log_in(self._store.log_in(name, argument))

    def do_apop(self, argument: str) -> None:
        """Name, and the MD5 digest of timestamp and password: the password itself stays at home (RFC 1939 §7)."""
        name, digest = _words(argument, 2)
        account = self._store.named(name)
        secret = self._apop_timestamp + (account.password if account else "")
        expected = hashlib.md5(secret.encode(), usedforsecurity=False).hexdigest()
        right = hmac.compare_digest(expected.encode(), digest.lower().encode("utf-8", "replace"))
        self._log_in(account if right else None)

    def do_auth(self, argument: str) -> Dialogue:
        """A SASL mechanism, its response on the same line or after an empty challenge (RFC 5034 §4)."""
        mechanism, _, initial = argument.partition(" ")
        known = sasl.mechanisms(self._store)
        if mechanism.upper() not in known:
            raise Refused(f"unknown mechanism {mechanism[:20]!a}; there is {' '.join(known)}")
        response = initial.encode("utf-8", "surrogateescape")
        try:
            account = yield from sasl.exchange(self, self._store, mechanism.upper(), response)
        except sasl.Cancelled as cancelled:
            raise Refused("AUTH cancelled") from cancelled
        except sasl.Malformed as malformed:
            raise Refused(str(malformed)) from malformed
        self._log_in(account)

    def do_stls(self, argument: str) -> Dialogue:
        """Start TLS. What was named in clear before is forgotten (RFC 2595 §4)."""
        _words(argument, 0)
        self._ok("begin TLS")
        self._name = ""
        yield from self.start_tls()

    def _log_in(self, account: Account | None) -> None:
        if account is None:
            raise Refused("[AUTH] wrong user name or password")
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
        self.say(stuffed(self._drop.content(number)))
        self.say(END)

    def do_top(self, argument: str) -> None:
        """The header, the empty line, then so many lines of the body (RFC 1939 §7, TOP)."""
        number_text, count_text = _words(argument, 2)
        number, lines = self._drop.find(number_text), count(count_text)
        self._ok(f"top of message {number} follows")
        self.say(dot_stuffed(self._drop.top(number, lines)))

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
