"""The lab's zones as dnspython's own client finds them on the wire."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import dns.flags
import dns.message
import dns.opcode
import dns.query
import dns.rcode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit.net.dns import Resolver
from mailkit.net.dns_server import NameServer, respond

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG = "\n".join(f'@ 60 TXT "{number:03} {"x" * 200}"' for number in range(20))
ZONE = f"""\
$ORIGIN example.com.
@    60 SOA ns host 1 2 3 4 5
@    60 NS  ns
@    60 MX  10 mail
mail 60 A   192.0.2.25
www  60 CNAME mail
long 60 A   192.0.2.9
$ORIGIN long.example.com.
{LONG}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[NameServer]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    running = NameServer(Resolver([ZONE], failing=["broken.example.com"]))
    asyncio.run_coroutine_threadsafe(running.open(), loop).result(5)
    yield running
    loop.call_soon_threadsafe(running.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def ask(server: NameServer, name: str, kind: str, over: str = "udp") -> dns.message.Message:
    query = dns.message.make_query(name, kind)
    send = dns.query.udp if over == "udp" else dns.query.tcp
    return send(query, server.host, port=server.port, timeout=5)


@pytest.mark.parametrize("over", ["udp", "tcp"])
def test_a_question_is_answered_with_authority(server: NameServer, over: str) -> None:
    reply = ask(server, "example.com", "MX", over)
    assert [rrset.to_text() for rrset in reply.answer] == ["example.com. 60 IN MX 10 mail.example.com."]
    assert reply.flags & dns.flags.AA
    assert [rrset.to_text() for rrset in ask(server, "www.example.com", "A", over).answer] == [
        "www.example.com. 60 IN CNAME mail.example.com.",
        "mail.example.com. 60 IN A 192.0.2.25",
    ]


@pytest.mark.parametrize(
    ("name", "rcode"),
    [
        ("nobody.example.com", dns.rcode.NXDOMAIN),
        ("example.net", dns.rcode.REFUSED),
        ("broken.example.com", dns.rcode.SERVFAIL),
    ],
)
def test_what_is_not_there_is_said_to_be_so(server: NameServer, name: str, rcode: dns.rcode.Rcode) -> None:
    reply = ask(server, name, "A")
    assert (reply.rcode(), reply.answer) == (rcode, [])


def test_an_answer_too_long_for_a_packet_is_cut_off_and_whole_over_tcp(server: NameServer) -> None:
    reply = ask(server, "long.example.com", "TXT")
    assert reply.flags & dns.flags.TC
    assert len(ask(server, "long.example.com", "TXT", "tcp").answer[0]) == 20


def test_a_request_for_anything_but_a_question_is_not_implemented() -> None:
    query = dns.message.make_query("example.com", "A")
    query.set_opcode(dns.opcode.NOTIFY)
    reply = dns.message.from_wire(respond(Resolver([ZONE]), query.to_wire()) or b"")
    assert reply.rcode() == dns.rcode.NOTIMP


def test_an_answer_is_not_answered() -> None:
    reply = dns.message.make_response(dns.message.make_query("example.com", "A"))
    assert respond(Resolver([ZONE]), reply.to_wire()) is None


@given(st.binary(max_size=600))
def test_any_packet_gets_a_packet_or_nothing(packet: bytes) -> None:
    reply = respond(Resolver([ZONE]), packet)
    assert reply is None or dns.message.from_wire(reply).flags & dns.flags.QR


def test_its_repr_says_how_to_ask_it(server: NameServer) -> None:
    assert f"dig @127.0.0.1 -p {server.port}" in repr(server)
