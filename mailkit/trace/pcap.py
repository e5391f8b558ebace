"""A transcript as a packet capture (pcap): virtual addresses and ports, TCP as it would have been.

Must not know: real sockets, files, servers. The lab records what was said, not packets, so:

- Connections are made, refused, left without an answer and closed by well-formed packets (RFC 9293 §3.5, §3.6). Who
  closed first is not recorded; the end that was called is taken.
- What TLS hid stays hidden. The ciphertext was not recorded: in its place stand TLS records of application data
  (RFC 8446 §5.1), as long as what was said and filled with zeros; the handshake is left out. With `decrypted`, what
  was said stands there instead, as no listener could have seen it. What was said without TLS is there with its
  passwords.
- Questions to DNS are left out.
"""

from __future__ import annotations

import struct
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, NamedTuple

from mailkit.trace.transcript import Closed, Dialled, Flow, Said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailkit.trace.transcript import Party, Record, Transcript

LINKTYPE_RAW = 101
"""A packet begins with its IP header."""
_MAGIC, _SNAPLEN = 0xA1B2C3D4, 262_144
_FIN, _SYN, _RST, _PSH, _ACK = 1, 2, 4, 8, 16
_WINDOW, _TTL, _TCP = 65_535, 64, 6
MOST = 1460
"""Octets of payload in a packet: what an Ethernet of 1500 leaves."""
_FIRST_PORT = 49_152
"""Callers' ports are numbered from here, as the lab has none of its own (RFC 6335 §6)."""


def pcap(transcript: Transcript, *, decrypted: bool = False) -> bytes:
    """The whole capture file. Times are the lab's; packets of one moment stand in their order."""
    header = struct.pack(">IHHiIII", _MAGIC, 2, 4, 0, 0, _SNAPLEN, LINKTYPE_RAW)
    wire = _Wire(decrypted)
    return header + b"".join(packet for record in transcript for packet in wire.packets(record))


class _Wire:
    """Turns records into packets, one conversation beside the other."""

    def __init__(self, decrypted: bool) -> None:
        self._decrypted = decrypted
        self._talks: dict[Flow, _Talk] = {}
        self._count = 0

    def packets(self, record: Record) -> Iterator[bytes]:
        for segment in self._segments(record):
            self._count += 1
            yield _framed(record.at, segment.packet(self._count))

    def _segments(self, record: Record) -> Iterator[_Segment]:
        match record:
            case Dialled():
                self._talks[record.flow] = talk = _Talk(record.flow)
                yield from talk.dialled(record.verdict)
            case Said() if record.flow in self._talks:
                yield from self._talks[record.flow].said(record.by, self._seen(record))
            case Closed() if record.flow in self._talks:
                yield from self._talks.pop(record.flow).closed()

    def _seen(self, record: Said) -> bytes:
        """What the wire carried, or stands for it."""
        if not record.encrypted or self._decrypted:
            return record.data
        most = 2**14  # of a TLS record
        pieces = [len(record.data[at : at + most]) for at in range(0, len(record.data), most)]
        return b"".join(struct.pack(">BHH", 23, 0x0303, size) + bytes(size) for size in pieces)


class _Segment(NamedTuple):
    """A TCP segment with its addresses."""

    source: tuple[str, int]
    target: tuple[str, int]
    sequence: int
    acknowledged: int
    flags: int
    payload: bytes

    def packet(self, number: int) -> bytes:
        """With its IPv4 header (RFC 791 §3.1)."""
        source, target = IPv4Address(self.source[0]).packed, IPv4Address(self.target[0]).packed
        tcp = self._tcp(source, target)
        size = 20 + len(tcp)
        fields = struct.pack(">BBHHHBBH4s4s", 0x45, 0, size, number & 0xFFFF, 0x4000, _TTL, _TCP, 0, source, target)
        return _with_checksum(fields, 10, b"") + tcp

    def _tcp(self, source: bytes, target: bytes) -> bytes:
        """Header and payload; the checksum covers addresses too (RFC 9293 §3.1)."""
        fields = struct.pack(
            ">HHIIBBHHH", self.source[1], self.target[1], self.sequence & 0xFFFFFFFF, self.acknowledged & 0xFFFFFFFF,
            5 << 4, self.flags, _WINDOW, 0, 0,
        )  # fmt: skip
        whole = fields + self.payload
        pseudo = source + target + struct.pack(">BBH", 0, _TCP, len(whole))
        return _with_checksum(whole, 16, pseudo)


class _Talk:
    """One conversation's ports and sequence numbers."""

    def __init__(self, flow: Flow) -> None:
        span = 65_536 - _FIRST_PORT
        caller = (flow.client_address, _FIRST_PORT + flow.number % span)
        self._ends: dict[Party, tuple[str, int]] = {"C": caller, "S": (flow.server_address, flow.port)}
        self._next: dict[Party, int] = {"C": flow.number * 1_000_000, "S": flow.number * 1_000_000 + 500_000}

    def dialled(self, verdict: str) -> Iterator[_Segment]:
        """A handshake; a reset where the call was refused; silence where it was dropped."""
        yield self._segment("C", _SYN, 1)
        if verdict == "accept":
            yield self._segment("S", _SYN | _ACK, 1)
            yield self._segment("C", _ACK)
        elif verdict != "drop":
            self._next["S"] = 0  # a reset for a SYN has the sequence number 0 (RFC 9293 §3.5.2)
            yield self._segment("S", _RST | _ACK)

    def said(self, by: Party, data: bytes) -> Iterator[_Segment]:
        """In as many segments as it takes."""
        for at in range(0, len(data), MOST):
            piece = data[at : at + MOST]
            yield self._segment(by, _PSH | _ACK, len(piece), piece)

    def closed(self) -> Iterator[_Segment]:
        """Both ends are done."""
        yield self._segment("S", _FIN | _ACK, 1)
        yield self._segment("C", _FIN | _ACK, 1)
        yield self._segment("S", _ACK)

    def _segment(self, by: Party, flags: int, length: int = 0, payload: bytes = b"") -> _Segment:
        """`length` is what it takes of the sequence numbers: a SYN or FIN counts as one."""
        other: Party = "S" if by == "C" else "C"
        sequence = self._next[by]
        self._next[by] += length
        acknowledged = self._next[other] if flags & _ACK else 0
        return _Segment(self._ends[by], self._ends[other], sequence, acknowledged, flags, payload)


def _with_checksum(fields: bytes, at: int, pseudo: bytes) -> bytes:
    """With the Internet checksum (RFC 1071) of pseudo header and fields in its place."""
    covered = pseudo + fields
    covered += b"\0" * (len(covered) % 2)
    total = sum(struct.unpack(f">{len(covered) // 2}H", covered))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return fields[:at] + struct.pack(">H", ~total & 0xFFFF) + fields[at + 2 :]


def _framed(at: float, packet: bytes) -> bytes:
    seconds, micros = divmod(round(at * 1_000_000), 1_000_000)
    return struct.pack(">IIII", seconds, micros, len(packet), len(packet)) + packet
