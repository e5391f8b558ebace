"""A host as a place to call from: the standard library's mail clients, dialling through the lab.

Must not know: servers. `with host:` does the same for code that knows nothing of labs.
"""

from __future__ import annotations

import poplib
import smtplib
import socket
from typing import TYPE_CHECKING, Any

from mailkit.lab.switchboard import switchboard
from mailkit.server.roles import IMPLICIT_TLS

if TYPE_CHECKING:
    import imaplib
    import ssl
    from collections.abc import Callable
    from types import TracebackType

    from mailkit.net.network import Network
    from mailkit.net.zones import Host

TIMEOUT = 10.0
"""Seconds that a client waits for an answer, unless it says otherwise."""


class LabHost:
    """A machine of the lab, as its user sees it."""

    def __init__(self, host: Host, network: Network, trust: Callable[[], ssl.SSLContext]) -> None:
        self.name, self.address = host.name, host.address
        self._network, self._trust = network, trust

    def __repr__(self) -> str:
        return f"<{self.name} [{self.address}]>"

    # -- clients

    def smtp(self, name: str, port: int = 25, **options: Any) -> smtplib.SMTP:
        """A `smtplib.SMTP`, connected, at port 465 under TLS.

        It says EHLO with this host's address literal (RFC 5321 §4.1.3).
        """
        options.setdefault("local_hostname", f"[{self.address}]")
        return _SMTP(self, name, port, timeout=options.pop("timeout", TIMEOUT), **options)

    def pop3(self, name: str, port: int = 110, timeout: float = TIMEOUT) -> poplib.POP3:
        """A `poplib.POP3`, connected, at port 995 under TLS."""
        return _POP3(self, name, port, timeout)

    def imap(self, name: str, port: int = 143, timeout: float = TIMEOUT) -> imaplib.IMAP4:
        """An `imaplib.IMAP4`, connected, at port 993 under TLS."""
        from mailkit.lab.imap_client import IMAPClient  # whoever fetches by POP3 need not load it

        return IMAPClient(self, name, port, timeout)

    def connect(self, name: str, port: int, timeout: float | None = TIMEOUT) -> socket.socket:
        """A connected socket, to speak a protocol by hand."""
        return self._network.dial(self.name, name, port, timeout)

    def call(self, name: str, port: int, timeout: float | None = TIMEOUT) -> socket.socket:
        """What a mail program makes of a port: the lab's TLS where it begins before the first word (RFC 8314 §3)."""
        sock = self.connect(name, port, timeout)
        if port not in IMPLICIT_TLS:
            return sock
        return self.secure(sock, name)

    def secure(self, sock: socket.socket, name: str) -> socket.socket:
        """Begin TLS on a connection, as after STARTTLS; a server that the lab does not vouch for ends it."""
        try:
            return self._trust().wrap_socket(sock, server_hostname=name)
        except BaseException:
            sock.close()
            raise

    def lookup(self, name: str, kind: str = "A") -> tuple[str, ...]:
        """What DNS tells this host: the data of the records of a kind, as zone-file text; () when there are none.

        NameServerFailed, a `socket.gaierror`, when the domain's name servers are out of order.
        """
        return self._network.lookup(self.name, name, kind)

    # -- code that knows nothing of labs

    def __enter__(self) -> LabHost:
        """Until the end of the block, this thread (or task) calls from this host, whatever library it uses."""
        switchboard.plug_in(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        switchboard.pull_out()

    def adopt(self, sock: socket.socket, name: str, port: int) -> None:
        """Connect a socket that some library made."""
        self._network.adopt(sock, self.name, name, port)

    def resolve(self, name: str) -> str:
        """The address that a name means here."""
        return self._network.resolve(self.name, name).address


# These hooks of the standard library are not documented, but the same from 3.11 to 3.14. They beat patching
# `socket` for the clients made above: a client that connects again later still stays in the lab.


class _SMTP(smtplib.SMTP):
    def __init__(self, origin: LabHost, name: str, port: int, **options: Any) -> None:
        self._origin = origin
        super().__init__(name, port, **options)

    def _get_socket(self, host: str, port: int, timeout: float | None) -> socket.socket:
        return self._origin.call(host, port, timeout)


class _POP3(poplib.POP3):
    def __init__(self, origin: LabHost, name: str, port: int, timeout: float) -> None:
        self._origin = origin
        super().__init__(name, port, timeout)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._origin.call(self.host, self.port, timeout)
