"""The capture file, read back octet by octet: well-formed packets, and in them exactly what the wire showed."""

import struct
from ipaddress import IPv4Address
from typing import NamedTuple

import pytest

from mailkit.trace.pcap import MOST, pcap
from mailkit.trace.transcript import Closed, Dialled, Flow, Said, Secured, Transcript

FLOW = Flow(7, "goto-pc", "10.0.0.21", "mail", "192.0.2.25", 587)
SYN, ACK, RST, FIN = 2, 16, 4, 1


class Packet(NamedTuple):
    at: float
    source: tuple[str, int]
    target: tuple[str, int]
    sequence: int
    acknowledged: int
    flags: int
    payload: bytes


def ones_sum(data: bytes) -> int:
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def read(raw: bytes) -> list[Packet]:
    """Every packet; lengths and both checksums are looked at on the way."""
    magic, major, minor, _, _, _, link = struct.unpack(">IHHiIII", raw[:24])
    assert (magic, major, minor, link) == (0xA1B2C3D4, 2, 4, 101)
    found, at = [], 24
    while at < len(raw):
        seconds, micros, kept, whole = struct.unpack(">IIII", raw[at : at + 16])
        ip = raw[at + 16 : at + 16 + kept]
        assert kept == whole == len(ip) == struct.unpack(">H", ip[2:4])[0]
        assert ip[0] == 0x45
        assert ip[9] == 6
        assert ones_sum(ip[:20]) == 0xFFFF
        tcp = ip[20:]
        assert ones_sum(ip[12:20] + struct.pack(">HH", 6, len(tcp)) + tcp) == 0xFFFF
        sport, dport, sequence, acknowledged, offset, flags = struct.unpack(">HHIIBB", tcp[:14])
        ends = [(str(IPv4Address(ip[n : n + 4])), port) for n, port in ((12, sport), (16, dport))]
        payload = tcp[(offset >> 4) * 4 :]
        found.append(Packet(seconds + micros / 1e6, *ends, sequence, acknowledged, flags, payload))
        at += 16 + kept
    return found


def transcript(*records) -> Transcript:
    made = Transcript()
    for record in records:
        made.append(record)
    return made


def conversation(*said: tuple[str, bytes], secured_after: int = 99) -> Transcript:
    records = [Dialled(1.5, FLOW, "accept", 1)]
    for number, (by, data) in enumerate(said):
        if number == secured_after:
            records.append(Secured(1.5, FLOW))
        records.append(Said(1.5, FLOW, by, data, number >= secured_after))
    return transcript(*records, Closed(2.25, FLOW))


def side(packets: list[Packet], port: int) -> bytes:
    """One side put together by sequence numbers, each octet where its number says."""
    sent = [p for p in packets if p.source[1] == port]
    start = sent[0].sequence + 1
    stream = b""
    for packet in sent[1:]:
        if packet.payload:
            assert packet.sequence - start == len(stream)
            stream += packet.payload
    return stream


def test_a_conversation_begins_with_a_handshake_and_ends_on_both_sides():
    packets = read(pcap(conversation(("S", b"220 hi\r\n"), ("C", b"QUIT\r\n"))))
    assert [p.flags for p in packets] == [SYN, SYN | ACK, ACK, 24, 24, FIN | ACK, FIN | ACK, ACK]
    assert packets[0].source[0] == "10.0.0.21"
    assert packets[0].source[1] >= 49152
    assert packets[0].target == ("192.0.2.25", 587)
    assert (packets[0].at, packets[-1].at) == (1.5, 2.25)


def test_each_end_acknowledges_all_that_the_other_said():
    packets = read(pcap(conversation(("S", b"220 hi\r\n"), ("C", b"EHLO pc\r\n"), ("S", b"250 hi\r\n"))))
    after = {"10.0.0.21": 0, "192.0.2.25": 0}
    for packet in packets:
        if packet.flags & ACK:
            assert packet.acknowledged == after[packet.target[0]]
        length = len(packet.payload) + bool(packet.flags & (SYN | FIN))
        after[packet.source[0]] = packet.sequence + length


def test_what_was_said_is_there_to_the_octet_in_packets_that_fit_an_ethernet():
    letter = bytes(range(256)) * 20
    packets = read(pcap(conversation(("S", b"220 hi\r\n"), ("C", letter), ("C", b".\r\n"), ("S", b"250 ok\r\n"))))
    assert side(packets, 587) == b"220 hi\r\n250 ok\r\n"
    assert side(packets, packets[0].source[1]) == letter + b".\r\n"
    assert max(len(p.payload) for p in packets) == MOST


def test_what_tls_hid_is_as_long_but_not_to_be_read():
    talk = conversation(("C", b"STARTTLS\r\n"), ("C", b"PASS secret\r\n"), ("C", b"x" * 20_000), secured_after=1)
    packets = read(pcap(talk))
    seen = side(packets, packets[0].source[1])
    assert b"secret" not in seen
    plain, hidden = seen[:10], seen[10:]
    assert plain == b"STARTTLS\r\n"
    lengths = []
    while hidden:
        kind, version, length = struct.unpack(">BHH", hidden[:5])
        assert (kind, version, hidden[5 : 5 + length]) == (23, 0x0303, bytes(length))
        lengths.append(length)
        hidden = hidden[5 + length :]
    assert lengths == [13, 16_384, 3_616]


def test_on_request_the_words_behind_tls_are_there():
    talk = conversation(("C", b"STARTTLS\r\n"), ("C", b"PASS secret\r\n"), secured_after=1)
    packets = read(pcap(talk, decrypted=True))
    assert side(packets, packets[0].source[1]) == b"STARTTLS\r\nPASS secret\r\n"


@pytest.mark.parametrize(
    ("verdict", "flags"), [("drop", [SYN]), ("reject", [SYN, RST | ACK]), ("closed", [SYN, RST | ACK])]
)
def test_a_call_that_fails_gets_a_reset_or_nothing(verdict, flags):
    packets = read(pcap(transcript(Dialled(0.0, FLOW, verdict, None))))
    assert [p.flags for p in packets] == flags
    if len(packets) == 2:
        assert (packets[1].sequence, packets[1].acknowledged) == (0, packets[0].sequence + 1)


def test_two_conversations_at_once_keep_their_own_ports_and_numbers():
    other = FLOW._replace(number=8)
    both = transcript(
        Dialled(0.0, FLOW, "accept", 1), Dialled(0.0, other, "accept", 1),
        Said(0.0, FLOW, "C", b"one", False), Said(0.0, other, "C", b"two", False),
    )  # fmt: skip
    packets = read(pcap(both))
    ports = [p.source[1] for p in packets if p.flags == SYN]
    assert len(set(ports)) == 2
    assert [side([p for p in packets if port in (p.source[1], p.target[1])], port) for port in ports] == [
        b"one",
        b"two",
    ]


def test_nothing_said_is_a_file_without_packets():
    assert read(pcap(Transcript())) == []
