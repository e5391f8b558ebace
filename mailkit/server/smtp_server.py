"""aiosmtpd's SMTP server in the roles that a mail server plays, with every byte of the dialogue recorded.

Must not know: mailboxes, queues, policy; the handler (`mta.py`) decides. aiosmtpd speaks the protocol.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, AnyStr

from aiosmtpd.smtp import SMTP, AuthResult, Session, syntax

if TYPE_CHECKING:
    import asyncio
    import ssl
    from collections.abc import Callable

    from aiosmtpd.smtp import Envelope, LoginPassword

    from mailkit.server.engine_server import Tap
    from mailkit.server.roles import SMTPRole
    from mailkit.trace.transcript import Flow

    Credentials = Callable[[str, str], str | None]
    """(user, password) -> the address that logged in, or None."""

SIZE_LIMIT = 50 * 1024 * 1024
"""Octets of one message, announced as SIZE (RFC 1870)."""
MAIL_LIMIT = 512 + 26 + 17
"""Octets of MAIL: what RFC 5321 §4.5.3.1.4 gives every command, and what SIZE and BODY add (RFC 1870, RFC 6152)."""

# Domain or address-literal (RFC 5321 §4.1.2). It goes into Received, so nothing that could forge one may pass.
_HELLO = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9])?|\[[A-Za-z0-9.:-]{1,60}\]")
# For replies that aiosmtpd writes without an enhanced code (RFC 2034 §4, RFC 3463).
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3} ")
_USUAL = {
    "220": "2.0.0", "221": "2.0.0", "250": "2.0.0", "252": "2.5.0", "421": "4.3.0", "454": "4.7.0",
    "500": "5.5.2", "501": "5.5.4", "502": "5.5.1", "503": "5.5.1", "504": "5.5.4", "530": "5.7.0",
    "552": "5.3.4", "553": "5.1.3", "554": "5.0.0", "555": "5.5.4",
}  # fmt: skip

# aiosmtpd logs to stderr when nobody configured logging; a learner's cell is no place for that.
logging.getLogger("mail.log").addHandler(logging.NullHandler())


class SMTPServer(SMTP):
    """One SMTP conversation.

    "mx" (port 25) asks nobody to log in and takes mail for its own domains alone; "submission" (port 587,
    RFC 6409) takes mail from people who log in, and lets them do so only after STARTTLS.
    """

    def __init__(
        self,
        handler: object,
        role: SMTPRole,
        flow: Flow,
        tap: Tap,
        *,
        hostname: str,
        loop: asyncio.AbstractEventLoop,
        log_in: Credentials,
        tls_context: ssl.SSLContext | None = None,
        on_close: Callable[[], None],
    ) -> None:
        self.role, self.flow = role, flow
        self._tap, self._log_in, self._on_close = tap, log_in, on_close
        super().__init__(
            handler,
            hostname=hostname,
            ident="ESMTP",
            loop=loop,
            data_size_limit=SIZE_LIMIT,
            tls_context=tls_context,
            auth_required=role == "submission",
            authenticator=self._authenticate_user,
        )
        # aiosmtpd keeps these in the class, for all sessions together, and lets each EHLO raise them further.
        self.command_size_limits = defaultdict(lambda: self.command_size_limit, MAIL=MAIL_LIMIT)

    # -- the tap: both hooks see plaintext, under TLS too

    @property
    def is_tls(self) -> bool:
        """Whether the handshake is done."""
        return self.session is not None and self.session.ssl is not None

    def data_received(self, data: bytes) -> None:
        self._tap("C", data, self.is_tls)
        super().data_received(data)

    async def push(self, status: AnyStr) -> None:
        """Say one reply, with an enhanced code if aiosmtpd gave it none."""
        line = status.decode() if isinstance(status, bytes) else status
        code, text = line[:3], line[4:]
        is_greeting = code == "220" and text.startswith(self.hostname)
        if code in _USUAL and not is_greeting and not _ENHANCED.match(text):
            line = f"{code} {_USUAL[code]} {text}"
        await self._say(line)

    async def _say(self, line: str) -> None:
        self._tap("S", line.encode() + b"\r\n", self.is_tls)
        await super().push(line)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._on_close()

    # -- who may log in

    def _create_session(self) -> Session:
        return _Session(self.loop)

    def _authenticate_user(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        address = self._log_in(data.login.decode("utf-8", "replace"), data.password.decode("utf-8", "replace"))
        return AuthResult(success=address is not None, handled=False, auth_data=address)

    async def smtp_AUTH(self, arg: str) -> None:
        """RFC 4954. Port 25 is for strangers' servers, which have no account here."""
        if self.role == "mx":
            await self.push("502 5.5.1 AUTH is not offered on this port")
        else:
            await super().smtp_AUTH(arg)

    # -- hello: its replies alone carry no enhanced code (RFC 2034 §4)

    @syntax("HELO hostname")
    async def smtp_HELO(self, hostname: str) -> None:
        if await self._greeted(hostname, extended=False):
            await self._say(f"250 {self.hostname}")

    @syntax("EHLO hostname")
    async def smtp_EHLO(self, hostname: str) -> None:
        if await self._greeted(hostname, extended=True):
            *lines, last = [self.hostname, *self._extensions()]
            for line in lines:
                await self._say(f"250-{line}")
            await self._say(f"250 {last}")

    async def _greeted(self, hostname: str | None, *, extended: bool) -> bool:
        """Take the caller's name, or answer 501 and leave all as it was (RFC 5321 §4.1.4)."""
        if not hostname or not _HELLO.fullmatch(hostname):
            await self.push("501 5.5.4 say your domain name, or your address in square brackets")
            return False
        assert self.session is not None
        self.envelope = self._create_envelope()
        self.session.extended_smtp, self.session.host_name = extended, hostname
        return True

    def _extensions(self) -> list[str]:
        """What may be used now; STARTTLS goes and AUTH comes when TLS is on (RFC 3207 §4.2, RFC 4954 §4)."""
        offered = [f"SIZE {SIZE_LIMIT}", "8BITMIME", "PIPELINING", "ENHANCEDSTATUSCODES"]
        if self.tls_context and not self.is_tls:
            offered.append("STARTTLS")
        if self.role == "submission" and self.is_tls:
            offered.append("AUTH PLAIN LOGIN")
        return [*offered, "HELP"]

    # -- strictness

    @syntax("STARTTLS", when="tls_context")
    async def smtp_STARTTLS(self, arg: str) -> None:
        """RFC 3207: only where it was announced."""
        if self.is_tls:
            await self.push("503 5.5.1 TLS is on already")
        elif not self.tls_context:
            await self.push("502 5.5.1 STARTTLS is not offered on this port")
        else:
            await super().smtp_STARTTLS(arg)

    @syntax("VRFY <address>")
    async def smtp_VRFY(self, arg: str) -> None:
        """Neither confirm nor deny who has a mailbox here (RFC 5321 §3.5.3, §7.3)."""
        if await self.check_auth_needed("VRFY"):
            return
        await self.push("252 2.5.0 send it and see" if arg else "501 5.5.4 VRFY wants a name or an address")

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """Paths stand in angle brackets (RFC 5321 §4.1.2); aiosmtpd alone would take them without."""
        if not arg.lstrip().startswith("<"):
            return None, None
        address, rest = super()._getaddr(arg)
        return address, rest


class _Session(Session):
    """aiosmtpd's own `login_data` is a property that logs a warning each time it is set."""

    login_data: Any = None
