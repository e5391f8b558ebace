"""aiosmtpd's SMTP server in the roles that a mail server plays, with every byte of the dialogue recorded.

Must not know: mailboxes, queues, policy; the handler (`mta.py`) decides. aiosmtpd speaks the protocol.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, AnyStr, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Session

if TYPE_CHECKING:
    import asyncio
    import ssl
    from collections.abc import Callable

    from aiosmtpd.smtp import Envelope, LoginPassword

    from mailkit.server.engine_server import Tap
    from mailkit.trace.transcript import Flow

    Credentials = Callable[[str, str], str | None]
    """(user, password) -> the address that logged in, or None."""

Role = Literal["mx", "submission"]
SIZE_LIMIT = 50 * 1024 * 1024
"""Octets of one message, announced as SIZE (RFC 1870)."""

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
        role: Role,
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

    # -- the tap: both hooks see plaintext, under TLS too

    @property
    def is_tls(self) -> bool:
        """Whether the handshake is done."""
        return self.session is not None and self.session.ssl is not None

    def data_received(self, data: bytes) -> None:
        self._tap("C", data, self.is_tls)
        super().data_received(data)

    async def push(self, status: AnyStr) -> None:
        line = status if isinstance(status, bytes) else status.encode()
        self._tap("S", line + b"\r\n", self.is_tls)
        await super().push(status)

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

    # -- strictness

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """Paths stand in angle brackets (RFC 5321 §4.1.1.2); aiosmtpd alone would take them without."""
        if not arg.lstrip().startswith("<"):
            return None, None
        address, rest = super()._getaddr(arg)
        return address, rest


class _Session(Session):
    """aiosmtpd's own `login_data` is a property that logs a warning each time it is set."""

    login_data: Any = None
