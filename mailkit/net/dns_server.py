"""A name server for real tools such as dig: the lab's zones over UDP and TCP (RFC 1035 §4.2), on loopback alone.

Must not know: labs, carriers. dnspython reads and writes the packets.
"""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from typing import TYPE_CHECKING, Literal, cast

import dns.exception
import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdatatype

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.net.dns import Resolver

    Address = tuple[str, int]
    Admit = Callable[[Literal["udp", "tcp"], Address, Address], bool]
    """Whether the socket at the first address, calling the second, is answered."""

LOOPBACK = "127.0.0.1"
UDP_LIMIT = 1232
"""Octets of a UDP answer; a longer one is cut off, and the client asks again over TCP (RFC 1035 §4.2.1, RFC 6891)."""
OLD_UDP_LIMIT = 512
"""The same for a client who does not say what he can take (RFC 1035 §4.2.1)."""
TRIES = 8


def respond(resolver: Resolver, packet: bytes, *, over: Literal["udp", "tcp"] = "tcp") -> bytes | None:
    """The answer to one packet, or None for what is no question at all."""
    try:
        query = dns.message.from_wire(packet)
    except (dns.exception.DNSException, ValueError):
        return None
    if query.flags & dns.flags.QR:  # an answer; answering it could go on for ever
        return None
    reply = dns.message.make_response(query)
    if query.opcode() != dns.opcode.QUERY or len(query.question) != 1:
        reply.set_rcode(dns.rcode.NOTIMP)
    else:
        _fill_in(reply, resolver)
    return _packed(reply, 65535 if over == "tcp" else _udp_limit(query))


def _udp_limit(query: dns.message.Message) -> int:
    """What the client says it can take (RFC 6891 §6.2.3), up to our own limit."""
    return min(max(query.payload, OLD_UDP_LIMIT), UDP_LIMIT) if query.edns >= 0 else OLD_UDP_LIMIT


def _fill_in(reply: dns.message.Message, resolver: Resolver) -> None:
    question = reply.question[0]
    answer = resolver.answer(question.name.to_text(), dns.rdatatype.to_text(question.rdtype))
    reply.set_rcode(dns.rcode.from_text(answer.rcode))
    reply.answer.extend(answer.records)
    if answer.rcode != "REFUSED":
        reply.flags |= dns.flags.AA


def _packed(reply: dns.message.Message, limit: int) -> bytes:
    try:
        return reply.to_wire(max_size=limit)
    except dns.exception.TooBig:
        reply.answer.clear()
        reply.flags |= dns.flags.TC
        return reply.to_wire()


class UDPResponder(asyncio.DatagramProtocol):
    """One question a packet."""

    def __init__(self, resolver: Resolver, admit: Admit) -> None:
        self._resolver, self._admit = resolver, admit

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # 3.11's own class for it does not descend from this one.
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not self._admit("udp", addr, self._transport.get_extra_info("sockname")):
            return
        if reply := respond(self._resolver, data, over="udp"):
            self._transport.sendto(reply, addr)


class TCPResponder(asyncio.Protocol):
    """Each packet after its length in two octets (RFC 1035 §4.2.2)."""

    def __init__(self, resolver: Resolver, admit: Admit, open_: weakref.WeakSet[asyncio.Transport]) -> None:
        self._resolver, self._admit, self._open, self._input = resolver, admit, open_, bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._open.add(transport)
        if not self._admit("tcp", transport.get_extra_info("peername"), transport.get_extra_info("sockname")):
            transport.abort()

    def data_received(self, data: bytes) -> None:
        self._input += data
        while len(self._input) >= 2 and len(self._input) >= (end := 2 + int.from_bytes(self._input[:2], "big")):
            packet = bytes(self._input[2:end])
            del self._input[:end]
            reply = respond(self._resolver, packet)
            if reply is None:
                self._transport.close()
                return
            self._transport.write(len(reply).to_bytes(2, "big") + reply)


class NameServer:
    """A running name server; `port` is the same for UDP and TCP."""

    def __init__(self, resolver: Resolver, admit: Admit = lambda *_call: True) -> None:
        self._resolver, self._admit = resolver, admit
        self._open: weakref.WeakSet[asyncio.Transport] = weakref.WeakSet()
        self._stack = contextlib.ExitStack()
        self.host, self.port = LOOPBACK, 0

    async def open(self) -> None:
        """Listen. OSError when no port is free for both."""
        for further_tries in reversed(range(TRIES)):
            try:
                await self._listen()
                return
            except OSError:  # the port that TCP was given is another program's for UDP
                self._stack.close()
                if not further_tries:
                    raise

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: TCPResponder(self._resolver, self._admit, self._open), LOOPBACK, 0)
        self._stack.callback(server.close)
        self.port = server.sockets[0].getsockname()[1]
        transport, _responder = await loop.create_datagram_endpoint(
            lambda: UDPResponder(self._resolver, self._admit), local_addr=(LOOPBACK, self.port)
        )
        self._stack.callback(transport.close)

    def close(self) -> None:
        """Stop listening, and end what is open; may be called twice."""
        self._stack.close()
        for transport in tuple(self._open):
            transport.abort()

    def __repr__(self) -> str:
        return f"<name server at {self.host}, port {self.port}: dig @{self.host} -p {self.port} NAME TYPE>"
