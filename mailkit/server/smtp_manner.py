"""How an SMTP server behaves at one of its ports: who may log in, what is offered, how much is taken.

Must not know: connections, verbs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mailkit.server.smtp_auth import MECHANISMS

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from mailkit.server.roles import SMTPRole
    from mailkit.server.smtp_auth import Credentials

SIZE_LIMIT = 50 * 1024 * 1024
"""Octets of one message, announced as SIZE (RFC 1870)."""
IDLE_LIMIT = 300.0
"""Seconds in which a command, or a whole content, has to come (RFC 5321 §4.5.3.2.7)."""
MISTAKES_IN_A_ROW = 20
"""So many commands that are none, and the server hangs up."""
MOST_UNSENT = 65536
"""Octets of replies to a client that only talks."""
OTHER_LIMIT = 512
LIMITS = {
    # RFC 5321 §4.5.3.1.4 gives 512; SIZE adds 26, BODY 17, SMTPUTF8 10, AUTH 500 (RFC 1870, 6152, 6531, 4954).
    "MAIL": OTHER_LIMIT + 26 + 17 + 10 + 500,
    "AUTH": 12288,  # RFC 4954 §4
}
"""Octets of a command, CRLF counted; of any other one OTHER_LIMIT."""


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
