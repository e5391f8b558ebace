"""One certificate authority a lab, and a certificate for each server, made when first needed.

trustme enters here. Must not know: sockets, protocols.
"""

from __future__ import annotations

import ssl
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import trustme


class CertificateDesk:
    """Issues what the servers show, and what a client needs in order to believe them."""

    def __init__(self) -> None:
        self._served: dict[tuple[str, str], ssl.SSLContext] = {}
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

    def for_server(self, hostname: str, shows: str = "good") -> ssl.SSLContext:
        """The context that a server of that name uses; the same one at each call.

        `shows` is "good", or what a client refuses: "expired", "wrong-name", "self-signed".
        """
        return self._once(hostname, shows)

    def for_impostor(self, hostname: str) -> ssl.SSLContext:
        """What somebody else shows under that name: all is right with it, but its authority is not the lab's."""
        return self._once(hostname, "impostor")

    def _once(self, hostname: str, shows: str) -> ssl.SSLContext:
        if (hostname, shows) not in self._served:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._issue(hostname, shows, context)
            self._served[hostname, shows] = context
        return self._served[hostname, shows]

    def _issue(self, hostname: str, shows: str, context: ssl.SSLContext) -> None:
        import trustme

        # A program that comes in through a published port knows the server as localhost; fetchmail and mbsync
        # believe nobody without a common name, though RFC 9525 §2 has done away with it.
        names = (hostname, "localhost", "127.0.0.1")
        if shows == "self-signed":
            # An authority's own certificate is signed by itself; as a server's it is the end of its chain.
            alone = trustme.CA(organization_name=hostname)
            with alone.private_key_pem.tempfile() as key, alone.cert_pem.tempfile() as certificate:
                context.load_cert_chain(certificate, key)
        elif shows == "impostor":
            trustme.CA(organization_name="somebody else").issue_cert(hostname).configure_cert(context)
        elif shows == "wrong-name":
            self._authority.issue_cert(f"not-{hostname}").configure_cert(context)
        elif shows == "expired":
            # By the computer's clock: OpenSSL knows no other. The lab's own may stand anywhere.
            yesterday = datetime.now(UTC) - timedelta(days=1)
            begun = yesterday - timedelta(days=90)
            expired = self._authority.issue_cert(*names, common_name=hostname, not_before=begun, not_after=yesterday)
            expired.configure_cert(context)
        else:
            self._authority.issue_cert(*names, common_name=hostname).configure_cert(context)

    def authority_pem(self) -> bytes:
        """What a program outside has to trust, in PEM (RFC 7468)."""
        return self._authority.cert_pem.bytes()

    def for_client(self) -> ssl.SSLContext:
        """A new context that trusts this lab's authority alone and checks names."""
        from mailkit.net.memory_tls import MemoryTLSContext

        context = MemoryTLSContext(ssl.PROTOCOL_TLS_CLIENT)
        self._authority.configure_trust(context)
        return context
