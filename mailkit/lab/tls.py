"""One certificate authority a lab, and a certificate for each server, made when first needed.

trustme enters here. Must not know: sockets, protocols.
"""

from __future__ import annotations

import ssl
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import trustme


class CertificateDesk:
    """Issues what the servers show, and what a client needs in order to believe them."""

    def __init__(self) -> None:
        self._served: dict[str, ssl.SSLContext] = {}
        self._lock = threading.Lock()
        self._made: trustme.CA | None = None

    @property
    def _authority(self) -> trustme.CA:
        # A server on the loop's thread and a learner's client may ask first at the same moment.
        with self._lock:
            if self._made is None:
                import trustme

                self._made = trustme.CA(organization_name="mailkit lab")
            return self._made

    def for_server(self, hostname: str) -> ssl.SSLContext:
        """The context that a server of that name uses; the same one at each call."""
        if hostname not in self._served:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            # A program that comes in through a published port knows the server as localhost; fetchmail and mbsync
            # believe nobody without a common name, though RFC 9525 §2 has done away with it.
            names = (hostname, "localhost", "127.0.0.1")
            self._authority.issue_cert(*names, common_name=hostname).configure_cert(context)
            self._served[hostname] = context
        return self._served[hostname]

    def authority_pem(self) -> bytes:
        """What a program outside has to trust, in PEM (RFC 7468)."""
        return self._authority.cert_pem.bytes()

    def for_client(self) -> ssl.SSLContext:
        """A new context that trusts this lab's authority alone and checks names."""
        from mailkit.net.memory_tls import MemoryTLSContext

        context = MemoryTLSContext(ssl.PROTOCOL_TLS_CLIENT)
        self._authority.configure_trust(context)
        return context
