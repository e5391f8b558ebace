"""TLS over both carriers: who is trusted, who is not, and that the bytes come through."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from mailkit.net.memory_tls import MemoryTLSContext

if TYPE_CHECKING:
    from mailkit.net.network import Network


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def certificate(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("mail.example.com").configure_cert(context)
    return context


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = MemoryTLSContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(context)
    return context


@pytest.fixture(autouse=True)
def failure(network: Network, certificate: ssl.SSLContext) -> asyncio.Future[OSError]:
    """A server that says `go`, starts TLS, then says everything back; and what went wrong with its handshake."""
    failure = network.carrier.loop.create_future()

    class Server(asyncio.Protocol):
        transport: Any = None
        early = b""  # what came before start_tls returned

        def connection_made(self, transport: Any) -> None:
            transport.write(b"go\r\n")
            transport.pause_reading()
            self.task = network.carrier.loop.create_task(self.secure(transport))

        async def secure(self, transport: Any) -> None:
            try:
                self.transport = await network.carrier.loop.start_tls(transport, self, certificate, server_side=True)
            except OSError as error:
                failure.set_result(error)
                transport.abort()
                return
            self.transport.write(self.early)

        def data_received(self, data: bytes) -> None:
            if self.transport is None:
                self.early += data
            else:
                self.transport.write(data)

    network.carrier.run(network.listen("mail", 25, lambda flow: Server()))
    return failure


async def _result(future: asyncio.Future[OSError]) -> OSError:
    return await future


def test_bytes_come_back_through_tls(network: Network, trusting: ssl.SSLContext) -> None:
    data = bytes(range(256)) * 512
    with network.dial("pc", "mail", 25, timeout=5) as sock:
        assert sock.recv(4) == b"go\r\n"
        secure = trusting.wrap_socket(sock, server_hostname="mail.example.com")
        assert secure.version() in ("TLSv1.2", "TLSv1.3")
        assert ("DNS", "mail.example.com") in secure.getpeercert()["subjectAltName"]  # type: ignore[index]
        secure.sendall(data)
        said = b""
        while len(said) < len(data) and (more := secure.recv(65536)):
            said += more
        assert said == data
        secure.close()


@pytest.mark.parametrize(
    ("trusts", "name", "reason"),
    [
        (False, "mail.example.com", "unable to get local issuer certificate"),
        (True, "mail.example.org", "Hostname mismatch"),
    ],
)
def test_a_server_that_is_not_believed_is_refused_by_the_client(
    network: Network, trusting: ssl.SSLContext, failure: asyncio.Future[OSError], trusts: bool, name: str, reason: str
) -> None:
    context = trusting if trusts else MemoryTLSContext(ssl.PROTOCOL_TLS_CLIENT)
    with network.dial("pc", "mail", 25, timeout=5) as sock:
        assert sock.recv(4) == b"go\r\n"
        with pytest.raises(ssl.SSLCertVerificationError, match=reason):
            context.wrap_socket(sock, server_hostname=name)
    assert isinstance(network.carrier.run(_result(failure), 5), OSError)


def test_a_client_that_hangs_up_instead_of_shaking_hands_is_no_error_for_others(
    network: Network, trusting: ssl.SSLContext, failure: asyncio.Future[OSError]
) -> None:
    with network.dial("pc", "mail", 25, timeout=5) as sock:
        assert sock.recv(4) == b"go\r\n"
    assert isinstance(network.carrier.run(_result(failure), 5), OSError)
    with network.dial("pc", "mail", 25, timeout=5) as sock:
        assert sock.recv(4) == b"go\r\n"
        trusting.wrap_socket(sock, server_hostname="mail.example.com").close()


@pytest.mark.parametrize("network", ["tcp"], indirect=True)
def test_the_ordinary_context_of_the_library_works_over_tcp_and_refuses_the_unknown_authority(
    network: Network,
) -> None:
    with network.dial("pc", "mail", 25, timeout=5) as sock:
        sock.recv(4)
        with pytest.raises(ssl.SSLCertVerificationError):
            ssl.create_default_context().wrap_socket(sock, server_hostname="mail.example.com")
