"""The IMAP4 server: greeting, capabilities, TLS and login (RFC 3501 §6.1, §6.2, RFC 9051); the rest it inherits.

It begins as IMAP4rev1 and turns into IMAP4rev2 for the client that says ENABLE IMAP4rev2.

Must not know: sockets, certificates.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mailkit.wire import sasl
from mailkit.wire.imap_lookup import LookupCommands
from mailkit.wire.imap_states import Condition, State
from mailkit.wire.imap_syntax import MAX_MESSAGE, Arguments, Bad, No

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from mailkit.mail.mailbox import Account, MailStore
    from mailkit.wire.engine import Dialogue

ALWAYS = "IMAP4rev1 IMAP4rev2 LITERAL+ ENABLE ID"
BEFORE_LOGIN = "SASL-IR"
AFTER_LOGIN = (
    "IDLE NAMESPACE CHILDREN UIDPLUS UNSELECT MOVE ESEARCH SEARCHRES SORT WITHIN CONDSTORE BINARY UTF8=ACCEPT "
    "LIST-EXTENDED LIST-STATUS STATUS=SIZE SPECIAL-USE CREATE-SPECIAL-USE"
)
ENABLED_BY = {name.upper(): name for name in ("IMAP4rev2", "UTF8=ACCEPT", "CONDSTORE")}
"""What ENABLE switches on (RFC 5161), as it is written."""
MAX_ID_PAIRS = 30
"""Of field and value that ID brings (RFC 2971 §3.3)."""


def _wall_clock() -> datetime:
    return datetime.now(UTC)


class IMAPServer(LookupCommands):
    """One IMAP4 session over the mail of `store`. `now` dates messages that APPEND brings without a date.

    Without `allow_plaintext_login`, nobody logs in before TLS is on (RFC 3501 §6.2.3, LOGINDISABLED).
    """

    def __init__(
        self,
        store: MailStore,
        *,
        hostname: str,
        tls_available: bool = False,
        allow_plaintext_login: bool = True,
        now: Callable[[], datetime] = _wall_clock,
    ) -> None:
        super().__init__(store, now)
        self._hostname = hostname
        self._tls_available = tls_available
        self._allow_plaintext_login = allow_plaintext_login

    def converse(self) -> Dialogue:
        self.untagged(f"OK [{self._capabilities()}] {self._hostname} IMAP4 server ready")
        yield from self._obey_all()

    def _capabilities(self) -> str:
        """Only what is honoured, in this state."""
        return " ".join(("CAPABILITY", *self._capability_names()))

    def _capability_names(self) -> Iterator[str]:
        yield ALWAYS
        if self.state is not State.NOT_AUTHENTICATED:
            yield AFTER_LOGIN
            yield f"APPENDLIMIT={MAX_MESSAGE}"
            return
        yield BEFORE_LOGIN
        if self._meets(Condition.CLEAR) and self._meets(Condition.TLS_OFFERED):
            yield "STARTTLS"
        if self._meets(Condition.PRIVATE):
            yield from (f"AUTH={mechanism}" for mechanism in sasl.mechanisms(self._store))
        else:
            yield "LOGINDISABLED"

    def _meets(self, condition: Condition) -> bool:
        match condition:
            case Condition.CLEAR:
                return not self.is_tls
            case Condition.TLS_OFFERED:
                return self._tls_available
            case Condition.PRIVATE:
                return self.is_tls or self._allow_plaintext_login

    # -- any state

    def do_capability(self, arguments: Arguments) -> str:
        """What this server can, in this state."""
        arguments.end()
        self.untagged(self._capabilities())
        return "that is all"

    def do_noop(self, arguments: Arguments) -> str:
        """Nothing, but news is told after it."""
        arguments.end()
        return "still here"

    def do_id(self, arguments: Arguments) -> str:
        """Names of programs, for logs and never to be believed (RFC 2971)."""
        arguments.space()
        if not arguments.skip_word("NIL"):
            words = arguments.list_of(arguments.nstring, empty=True)
            if len(words) % 2 or len(words) > 2 * MAX_ID_PAIRS:
                raise Bad(f"expected up to {MAX_ID_PAIRS} pairs of field and value")
        arguments.end()
        self.untagged('ID ("name" "mailkit")')
        return "that is all"

    def do_logout(self, arguments: Arguments) -> str:
        """Say goodbye."""
        arguments.end()
        self._leave()
        self.untagged(f"BYE {self._hostname} closes the connection")
        self._ending = True
        return "goodbye"

    # -- not authenticated

    def do_starttls(self, arguments: Arguments) -> Generator[None, None, None]:
        """Start TLS; capabilities may differ after it, and what was said before is void (RFC 3501 §6.2.1)."""
        arguments.end()
        self.say_line(f"{self._tag} OK begin TLS".encode("ascii"))
        yield from self.start_tls()

    def do_login(self, arguments: Arguments) -> str:
        """User name and password as strings."""
        arguments.space()
        user = arguments.astring()
        arguments.space()
        password = arguments.astring()
        arguments.end()
        return self._log_in(self._store.log_in(_text(user), _text(password)))

    def do_authenticate(self, arguments: Arguments) -> Generator[None, None, str]:
        """A SASL mechanism, its response on the same line (RFC 4959) or after an empty challenge."""
        arguments.space()
        mechanism, known = arguments.atom(), sasl.mechanisms(self._store)
        if mechanism not in known:
            raise No(f"[CANNOT] unknown mechanism {mechanism[:20]}; there is {' '.join(known)}")
        try:
            account = yield from sasl.exchange(self, self._store, mechanism, arguments.rest())
        except sasl.Cancelled as cancelled:
            raise Bad("AUTHENTICATE cancelled") from cancelled
        except sasl.Malformed as malformed:
            raise Bad(str(malformed)) from malformed
        return self._log_in(account)

    def _log_in(self, account: Account | None) -> str:
        if account is None:
            raise No("[AUTHENTICATIONFAILED] wrong user name or password")
        self._account = account
        return f"[{self._capabilities()}] hello, {account.address}"

    # -- authenticated

    def do_enable(self, arguments: Arguments) -> str:
        """Switch extensions on; what is not known is passed over in silence (RFC 5161 §3.1)."""
        arguments.space()
        wanted = [arguments.atom()]
        while arguments.skip(b" "):
            wanted.append(arguments.atom())
        arguments.end()
        new = [name for name in dict.fromkeys(wanted) if name in ENABLED_BY and name not in self._enabled]
        self._enabled.update(new)
        self.untagged(" ".join(["ENABLED", *(ENABLED_BY[name] for name in new)]))
        return "enabled"


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")
