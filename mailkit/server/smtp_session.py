"""One SMTP connection hosted on aiosmtpd's class: commands are read and dispatched, replies said, all of it recorded.

Must not know: what a verb means (`smtp_server.py`), mailboxes, policy.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, AnyStr, ClassVar, NamedTuple

from aiosmtpd.smtp import SMTP, Session

from mailkit.mail.reply import Reply
from mailkit.server.smtp_auth import MECHANISMS
from mailkit.server.smtp_input import BareLineEnd, EndOfInput, Input, TooLong
from mailkit.server.smtp_states import COMMANDS, misplaced_argument, out_of_order

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable

    from mailkit.server.engine_server import Tap
    from mailkit.server.roles import SMTPRole
    from mailkit.server.smtp_auth import Credentials
    from mailkit.server.smtp_states import State
    from mailkit.trace.transcript import Flow

SIZE_LIMIT = 50 * 1024 * 1024
"""Octets of one message, announced as SIZE (RFC 1870)."""
IDLE_LIMIT = 300.0
"""Seconds in which a command, or a whole content, has to come (RFC 5321 §4.5.3.2.7)."""
MISTAKES_IN_A_ROW = 20
"""So many commands that are none, and the server hangs up."""
_MISTAKES = (500, 501, 502, 503, 504, 535, 555)
LIMITS = {
    # RFC 5321 §4.5.3.1.4 gives 512; SIZE adds 26, BODY 17, SMTPUTF8 10, AUTH 500 (RFC 1870, 6152, 6531, 4954).
    "MAIL": 512 + 26 + 17 + 10 + 500,
    "AUTH": 12288,  # RFC 4954 §4
}
"""Octets of a command, CRLF counted; of any other one 512."""

TOO_LONG = Reply(500, "5.5.2", "that line is too long")
BARE_LINE_END = Reply(500, "5.5.2", "lines end with CRLF, not with LF or CR alone (RFC 5321 section 2.3.8)")
NOT_TEXT = Reply(501, "5.5.2", "a command is printable text in ASCII or UTF-8")
LOGIN_NEEDED = Reply(530, "5.7.0", "Authentication required")
BROKEN = Reply(451, "4.3.0", "this server made a mistake of its own; try again")

# aiosmtpd logs to stderr when nobody configured logging; a learner's cell is no place for that.
logging.getLogger("mail.log").addHandler(logging.NullHandler())


class Manner(NamedTuple):
    """How a server behaves at one port: the same for every caller there.

    "mx" (port 25) asks nobody to log in and takes mail for its own domains alone; "submission" (587 and 465, RFC 6409
    and RFC 8314) takes mail from people who log in, and lets them do so only under TLS unless `login_in_clear`.
    """

    role: SMTPRole
    hostname: str
    credentials: Credentials
    tls: Callable[[], ssl.SSLContext] | None = None
    """Offered by STARTTLS, or with `implicit_tls` begun before the greeting; None: no TLS here."""
    implicit_tls: bool = False
    login_in_clear: bool = False
    size_limit: int = SIZE_LIMIT
    idle_limit: float = IDLE_LIMIT

    def mechanisms(self, *, is_tls: bool) -> tuple[str, ...]:
        """What AUTH takes now."""
        if self.role == "mx" or not (is_tls or self.login_in_clear):
            return ()
        return tuple(MECHANISMS)


class SMTPSession(SMTP):
    """The driver of one conversation. Its subclass has a method `smtp_VERB(argument)` for each verb of the table."""

    _verbs: ClassVar[dict[str, Callable[[Any, str], Awaitable[None]]]] = {}

    def __init_subclass__(cls) -> None:
        cls._verbs = {verb: getattr(cls, f"smtp_{verb}") for verb in COMMANDS if verb.isalpha()}

    def __init__(
        self,
        handler: object,
        manner: Manner,
        flow: Flow,
        tap: Tap,
        *,
        loop: asyncio.AbstractEventLoop,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        self.manner, self.flow = manner, flow
        self.is_tls = False
        """Whether what is heard from now on comes through TLS."""
        self.input = Input(loop)
        self._tap, self._on_close = tap, on_close
        self._output = bytearray()
        self._mistakes = 0
        self._over = self._gone = self.in_content = False
        super().__init__(_NO_HOOKS, hostname=manner.hostname, loop=loop, timeout=manner.idle_limit)
        self.event_handler = handler

    def __dir__(self) -> list[str]:
        """Nothing: aiosmtpd would go through every member, at every connection, for what `_verbs` knows already."""
        return []

    # -- the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        if self.manner.implicit_tls:
            self._handler_coroutine = self.loop.create_task(self._secure_first(transport))
        else:
            self._begin(transport)

    async def _secure_first(self, transport: asyncio.Transport) -> None:
        if secured := await self._shake_hands(transport):
            self._begin(secured)

    def _begin(self, transport: asyncio.Transport) -> None:
        self.input.transport = transport
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Plaintext, under TLS too: nothing but the TLS layer calls this once it is there."""
        if not self._over:
            self._tap("C", data, self.is_tls)
            self.input.feed(data)

    def eof_received(self) -> bool:
        """What came before is still answered, where the transport can be closed by halves: TLS cannot."""
        self.input.end()
        return not self.is_tls

    def connection_lost(self, error: Exception | None) -> None:
        if self._gone:
            return
        self._gone = self._over = True
        self.input.end()
        if self.session is not None:
            super().connection_lost(error)
        self._on_close()

    async def _shake_hands(self, transport: asyncio.Transport) -> asyncio.Transport | None:
        """Begin TLS; None when the client would not."""
        assert self.manner.tls is not None, "TLS was offered without a certificate"
        transport.pause_reading()
        self.input.forget()
        self.is_tls = True
        try:
            secured = await self.loop.start_tls(transport, self, self.manner.tls(), server_side=True)
        except (OSError, asyncio.CancelledError):
            transport.abort()
            self.connection_lost(None)
            return None
        self.input.transport = secured
        return secured

    async def begin_tls(self) -> None:
        """TLS from here on; all that was said before is forgotten (RFC 3207 §4.2)."""
        assert isinstance(self.transport, asyncio.Transport)
        await self.flush()
        if secured := await self._shake_hands(self.transport):
            self.transport = self._writer._transport = secured  # type: ignore[attr-defined]
            self.session, self.envelope = self._create_session(), self._create_envelope()

    # -- the idle limit: one timer a connection, which looks when it rings whether it was needed

    def _reset_timeout(self, duration: float | None = None) -> None:
        self._heard_at = self.loop.time()
        if self._timeout_handle is None:
            self._timeout_handle = self.loop.call_later(self.manner.idle_limit, self._timeout_cb)

    def _timeout_cb(self) -> None:
        rest = self._heard_at + self.manner.idle_limit - self.loop.time()
        if rest > 0 and not self._over:
            self._timeout_handle = self.loop.call_later(rest, self._timeout_cb)
        elif not self._over:
            self._say_line(Reply(421, "4.4.2", f"{self.hostname} has waited too long, closing"))
            self._hang_up()

    # -- commands

    @property
    def state(self) -> State:
        """Where the conversation stands in the table of `smtp_states.py`."""
        if self._over:
            return "closed"
        if self.in_content:
            return "content"
        assert self.session is not None
        assert self.envelope is not None
        if not self.session.host_name:
            return "connected"
        if self.envelope.mail_from is None:
            return "greeted"
        return "recipients" if self.envelope.rcpt_tos else "sender"

    async def _handle_client(self) -> None:
        await self.push(f"220 {self.hostname} ESMTP")
        try:
            while not self._over:
                await self._serve_one()
        except EndOfInput:
            pass
        self._hang_up()

    async def _serve_one(self) -> None:
        """Read one command and answer it. Replies to commands that came together go together (RFC 2920 §3.2)."""
        if self._output and not self.input.holds_line:
            await self.flush()
        self._heard_at = self.loop.time()
        try:
            await self._obey(await self.input.line())
        except BareLineEnd:
            await self.push(BARE_LINE_END)
        except TooLong:
            await self.push(TOO_LONG)
        except (EndOfInput, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - a mistake of ours must neither hang nor end the session
            self.loop.call_exception_handler({"message": f"{self.hostname} failed at a command", "exception": error})
            await self.push(BROKEN)

    async def _obey(self, line: bytes) -> None:
        word, _, rest = line.partition(b" ")
        verb = word.decode("latin-1").upper()
        method = self._verbs.get(verb)
        if method is None:
            await self.push(Reply(500, "5.5.1", "no such command; HELP lists those there are"))
        elif len(line) + 2 > LIMITS.get(verb, 512):
            await self.push(TOO_LONG)
        elif (argument := _text(rest)) is None:
            await self.push(NOT_TEXT)
        elif refusal := self._refuse(verb, argument):
            await self.push(refusal)
        else:
            await method(self, argument)

    def _refuse(self, verb: str, argument: str) -> Reply | None:
        """What the table of states alone says against a command."""
        state = self.state
        if COMMANDS[verb].needs_login and self.manner.role == "submission" and not self.is_logged_in:
            greeting_missing = out_of_order(verb, state) if state == "connected" else None
            return greeting_missing or LOGIN_NEEDED
        return self.not_offered(verb) or out_of_order(verb, state) or misplaced_argument(verb, argument)

    def not_offered(self, verb: str) -> Reply | None:
        """Why a verb of the table is none at this port."""
        raise NotImplementedError

    @property
    def is_logged_in(self) -> bool:
        """Whether AUTH has succeeded."""
        return self.session is not None and bool(self.session.authenticated)

    # -- replies

    async def push(self, status: AnyStr | Reply) -> None:  # type: ignore[override]
        """Say one reply; it goes out when the client has to wait for it, or `flush` says so."""
        self._say_line(status)
        if len(self._output) > 65536:  # a client that only talks
            await self.flush()

    def _say_line(self, status: str | bytes | Reply) -> None:
        line = status if isinstance(status, bytes) else str(status).encode()
        self._output += line + b"\r\n"
        code = int(line[:3])
        if code not in _MISTAKES:
            self._mistakes = 0 if code < 400 else self._mistakes
            return
        self._mistakes += 1
        if self._mistakes == MISTAKES_IN_A_ROW:
            self._output += b"421 4.7.0 %s closing: too many mistakes in a row\r\n" % self.hostname.encode()
            self._over = True

    async def flush(self) -> None:
        """Send what was said."""
        self._send()
        if self._paused:
            await self._writer.drain()

    def _send(self) -> None:
        if self._output and self.transport is not None:
            data = bytes(self._output)
            self._output.clear()
            self._tap("S", data, self.is_tls)
            self._writer.write(data)

    def hang_up(self) -> None:
        """Say what is left to say and close, once the command is done with."""
        self._over = True

    def _hang_up(self) -> None:
        self._over = True
        self._send()
        if self.transport is not None:
            self.transport.close()

    # -- aiosmtpd's own

    def _create_session(self) -> Session:
        return _Session(self.loop)


class _NoHooks:
    def __dir__(self) -> list[str]:
        return []


_NO_HOOKS = _NoHooks()
"""Given to aiosmtpd, which would look through the real handler at every connection."""


class _Session(Session):
    """aiosmtpd's own `login_data` is a property that logs a warning each time it is set."""

    login_data: Any = None


def _text(rest: bytes) -> str | None:
    """The argument of a command, or None when it cannot be one. White space at its end is tolerated (§4.1.1)."""
    try:
        text = rest.decode().rstrip(" \t")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None
