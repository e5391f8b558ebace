"""The IMAP4rev1 server: greeting, capabilities, TLS and login (RFC 3501 §6.1, §6.2); the rest it inherits.

Must not know: sockets, certificates.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mailkit.wire.imap_messages import MessageCommands
from mailkit.wire.imap_session import State
from mailkit.wire.imap_syntax import Arguments, Bad, No
from mailkit.wire.sasl import Plain

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from mailkit.mail.mailbox import Account, MailStore
    from mailkit.wire.engine import Dialogue


def _wall_clock() -> datetime:
    return datetime.now(UTC)


class IMAPServer(MessageCommands):
    """One IMAP4 session over the mail of `store`. `now` dates messages that APPEND brings without a date."""

    def __init__(
        self,
        store: MailStore,
        *,
        hostname: str,
        tls_available: bool = False,
        now: Callable[[], datetime] = _wall_clock,
    ) -> None:
        super().__init__(store, now)
        self._hostname = hostname
        self._tls_available = tls_available

    def converse(self) -> Dialogue:
        self.untagged(f"OK [{self._capabilities()}] {self._hostname} IMAP4 server ready")
        yield from self._obey_all()

    def _capabilities(self) -> str:
        """Only what is honoured, in this state."""
        names = ["CAPABILITY IMAP4rev1 LITERAL+ SASL-IR IDLE NAMESPACE CHILDREN UIDPLUS UNSELECT MOVE"]
        if self.state is State.NOT_AUTHENTICATED:
            names.append("AUTH=PLAIN")
            if self._tls_available and not self.is_tls:
                names.append("STARTTLS")
        return " ".join(names)

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
        if self.is_tls:
            raise Bad("TLS is on already")
        if not self._tls_available:
            raise Bad("no TLS on this server")
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
        """SASL PLAIN, its response on the same line (RFC 4959) or after an empty challenge."""
        arguments.space()
        mechanism = arguments.atom()
        if mechanism != "PLAIN":
            raise No(f"[CANNOT] unknown mechanism {mechanism[:20]}; there is PLAIN")
        response = arguments.rest()
        if not response:
            self.say_line(b"+ ")
            response = yield from self.read_line()
        if response == b"*":
            raise Bad("AUTHENTICATE cancelled")
        plain = Plain.decode(response)
        if plain is None:
            raise Bad("the response is not the Base64 text of PLAIN (RFC 4616)")
        account = self._store.log_in(plain.user, plain.password)
        return self._log_in(account if account and plain.acts_as(account.address) else None)

    def _log_in(self, account: Account | None) -> str:
        if account is None:
            raise No("[AUTHENTICATIONFAILED] wrong user name or password")
        self._account = account
        return f"[{self._capabilities()}] hello, {account.address}"


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")
