"""One SMTP connection hosted on aiosmtpd's class: commands are read and dispatched, replies said, all of it recorded.

Must not know: what a verb means (`smtp_server.py`), mailboxes, policy.
"""

from __future__ import annotations

import asyncio
import logging
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, AnyStr, ClassVar

from aiosmtpd.smtp import SMTP, Session

from mailkit.mail.reply import Reply
from mailkit.server.smtp_driver import Driver
from mailkit.server.smtp_input import BareLineEnd, EndOfInput, Input, TooLong
from mailkit.server.smtp_manner import LIMITS, MISTAKES_IN_A_ROW, MOST_UNSENT, OTHER_LIMIT
from mailkit.server.smtp_states import COMMANDS, misplaced_argument, out_of_order

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable

    from mailkit.server.engine_server import Tap
    from mailkit.server.smtp_manner import Manner
    from mailkit.server.smtp_states import State
    from mailkit.trace.transcript import Flow

_MISTAKES = frozenset({b"500", b"501", b"502", b"503", b"504", b"535", b"555"})

_HELLO = re.compile(rb"(?:EHLO|HELO)\b", re.IGNORECASE)

UNKNOWN = Reply(500, "5.5.1", "no such command; HELP lists those there are")
TOO_LONG = Reply(500, "5.5.2", "that line is too long")
BARE_LINE_END = Reply(500, "5.5.2", "lines end with CRLF, not with LF or CR alone (RFC 5321 section 2.3.8)")
NOT_TEXT = Reply(501, "5.5.2", "a command is printable text in ASCII or UTF-8")
LOGIN_NEEDED = Reply(530, "5.7.0", "Authentication required")
BROKEN = Reply(451, "4.3.0", "this server made a mistake of its own; try again")

# aiosmtpd logs to stderr when nobody configured logging; a learner's cell is no place for that.
logging.getLogger("mail.log").addHandler(logging.NullHandler())


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
        self._driver = Driver(self._converse(), loop)
        self.input = Input(loop, self._driver.resume)
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
        self.transport = transport
        self.input.come_from(transport)
        self.session, self.envelope = self._create_session(), self._create_envelope()
        self.session.peer = transport.get_extra_info("peername")
        self._reset_timeout()
        self._driver.resume()

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
        self.transport = None
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()
        self._driver.cancel()
        self._on_close()

    async def _shake_hands(self) -> bool:
        """Begin TLS; False when the client would not, and the conversation is over."""
        assert self.manner.tls is not None, "TLS was offered without a certificate"
        assert isinstance(self.transport, asyncio.Transport)
        self.transport.pause_reading()
        self.input.forget()
        self.is_tls = True
        try:
            # In a task, which a carrier that stops can find and end.
            secured = await self.loop.create_task(self._handshake(self.transport, self.manner.tls()))
        except asyncio.CancelledError:
            secured = None
        if secured is None:
            self.transport.abort()
            self.connection_lost(None)
            return False
        self.transport = self._secured(secured)
        self.input.come_from(self.transport)
        return True

    def _secured(self, transport: asyncio.Transport) -> asyncio.Transport:
        """The transport to write to under TLS; a gate puts its own before it."""
        return transport

    async def _handshake(self, transport: asyncio.Transport, context: ssl.SSLContext) -> asyncio.Transport | None:
        try:
            return await self.loop.start_tls(transport, self, context, server_side=True)
        except OSError:
            return None

    async def begin_tls(self) -> None:
        """TLS from here on; all that was said before is forgotten (RFC 3207 §4.2)."""
        await self.flush()
        if await self._shake_hands():
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
            self.say(Reply(421, "4.4.2", f"{self.hostname} has waited too long, closing"))
            self._hang_up()
            if self._paused and isinstance(self.transport, asyncio.WriteTransport):  # type: ignore[attr-defined]
                self.transport.abort()  # it does not read what it is told either

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

    async def _converse(self) -> None:
        try:
            if self.manner.implicit_tls and not await self._shake_hands():
                return
            self.say(f"220 {self.hostname} ESMTP")
            while not self._over:
                # Replies to commands that came together go together (RFC 2920 §3.2).
                if self._output and (not self.input.holds_line or len(self._output) > MOST_UNSENT):
                    await self.flush()
                self._heard_at = self.loop.time()
                await self._serve_one()
        except EndOfInput:
            pass
        finally:
            self._hang_up()

    async def _serve_one(self) -> None:
        """Read one command and answer it."""
        try:
            await self._obey(await self.input.line())
        except BareLineEnd as error:
            self._complain(BARE_LINE_END, error.line)
        except TooLong as error:
            self._complain(TOO_LONG, error.line)
        except EndOfInput:
            raise
        except Exception as error:  # noqa: BLE001 - a mistake of ours must neither hang nor end the session
            self.loop.call_exception_handler({"message": f"{self.hostname} failed at a command", "exception": error})
            self.say(BROKEN)

    async def _obey(self, line: bytes) -> None:
        word, _, rest = line.partition(b" ")
        verb = word.decode("latin-1").upper()
        method = self._verbs.get(verb)
        if method is None:
            self.say(UNKNOWN)
        elif len(line) + 2 > LIMITS.get(verb, OTHER_LIMIT):
            self._complain(TOO_LONG, line)
        elif (argument := _text(rest)) is None:
            self._complain(NOT_TEXT, line)
        elif refusal := self._refuse(verb, argument):
            self.say(refusal)
        else:
            await method(self, argument)

    def _complain(self, reply: Reply, line: bytes) -> None:
        """Of a line that is none; as a reply to EHLO or HELO it has no enhanced code (RFC 2034 §4)."""
        self.say(reply._replace(enhanced="") if _HELLO.match(line) else reply)

    def _refuse(self, verb: str, argument: str) -> Reply | None:
        """What the table of states alone says against a command."""
        state = self.state
        if COMMANDS[verb].needs_login and self.manner.role == "submission" and not self.is_logged_in:
            return (out_of_order(verb, state) if state == "connected" else None) or LOGIN_NEEDED
        return self.not_offered(verb) or out_of_order(verb, state) or misplaced_argument(verb, argument)

    def not_offered(self, verb: str) -> Reply | None:
        """Why a verb of the table is none at this port."""
        raise NotImplementedError

    @property
    def is_logged_in(self) -> bool:
        """Whether AUTH has succeeded."""
        return self.session is not None and bool(self.session.authenticated)

    # -- replies

    def say(self, reply: str | bytes | Reply) -> None:
        """Say one reply; it goes out when the client has to wait for it, or `flush` says so."""
        line = reply if isinstance(reply, bytes) else _octets(reply)
        self._output += line + b"\r\n"
        if line[:3] in _MISTAKES:
            self._mistakes += 1
            if self._mistakes == MISTAKES_IN_A_ROW:
                self._output += b"421 4.7.0 %s closing: too many mistakes in a row\r\n" % self.hostname.encode()
                self._over = True
        elif line[0] < ord("4"):
            self._mistakes = 0

    async def push(self, status: AnyStr | Reply) -> None:
        """aiosmtpd's name for it."""
        self.say(status)

    async def flush(self) -> None:
        """Send what was said."""
        self._send()
        if self._paused:  # type: ignore[attr-defined]
            await self._drain_helper()  # type: ignore[attr-defined]

    def _send(self) -> None:
        if self._output and isinstance(self.transport, asyncio.WriteTransport):
            data = bytes(self._output)
            self._output.clear()
            self._tap("S", data, self.is_tls)
            self.transport.write(data)

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


@lru_cache(maxsize=256)
def _octets(reply: str | Reply) -> bytes:
    return str(reply).encode()


def _text(rest: bytes) -> str | None:
    """The argument of a command, or None when it cannot be one. White space at its end is borne (RFC 5321 §4.1.1)."""
    try:
        text = rest.decode().rstrip(" \t")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None
