"""What somebody on the wire sees of one conversation: readable lines before TLS, how much of what after it.

Must not know: which run it is of, what he makes of it (`overheard.py`). The record holds what was said, not the
ciphertext; so of TLS only the direction and the number of octets inside are told. TLS adds some of its own
(RFC 8446 §5.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from mailkit.locale import _
from mailkit.trace.dialogue import visible
from mailkit.trace.transcript import Closed, Dialled, Disturbed, Said, Secured
from mailkit.widgets.flow_words import cut
from mailkit.widgets.ladder_bytes import decoded
from mailkit.widgets.ladder_cut import cutter

if TYPE_CHECKING:
    from mailkit.trace.transcript import Flow, Party, Record, Transcript
    from mailkit.widgets.ladder_cut import Piece

Kind = Literal["line", "message", "tls", "noise", "fault", "end"]
LONGEST_MESSAGE = 40
"""Lines that are shown of a letter."""


class Sight(NamedTuple):
    """One thing seen, counted from 1. `raw` is empty where nothing can be read; `secret` bytes are a login.

    `decoded` is what Base64 in it says, b"" where there is none. `lines` is what is shown.
    """

    number: int
    kind: Kind
    by: Party | None
    lines: tuple[str, ...]
    octets: int = 0
    raw: bytes = b""
    secret: bool = False
    decoded: bytes = b""


def overhear(transcript: Transcript, flow: Flow) -> list[Sight]:
    """Everything that passes him, in order; a call that did not come through shows nothing."""
    ear = _Ear(flow)
    for record in transcript:
        if getattr(record, "flow", None) == flow:
            ear.take(record)
    ear.done()
    return ear.sights


class _Ear:
    """Reads one conversation on, record by record."""

    def __init__(self, flow: Flow) -> None:
        self.sights: list[Sight] = []
        self._cutter = cutter(flow, self._piece)
        self._reader = ""
        """Whose certificate the client has taken for the server's: he is an end of the tube."""

    def take(self, record: Record) -> None:
        match record:
            case Said() if record.encrypted and not self._reader:
                text = _("encrypted, {octets} octets").format(octets=len(record.data))
                self._add("noise", record.by, text, octets=len(record.data))
            case Said():
                self._cutter.said(record)
            case Secured():
                self._secured()
            case Disturbed():
                self._disturbed(record)
            case Closed():
                self.done()
                self._add("end", None, _("the conversation is over"))

    def done(self) -> None:
        """What had no end yet is all there is."""
        self._cutter.ended()

    def _secured(self) -> None:
        if self._reader:
            text = _("TLS begins, but with {reader}, whose certificate the client has taken").format(
                reader=self._reader
            )
        else:
            text = _("TLS begins: the handshake, and from here on a tube")
        self._add("tls", None, text)

    def _disturbed(self, record: Disturbed) -> None:
        self._reader = record.by if record.kind == "certificate" else self._reader
        said = (f"{record.by}: {visible(line)}" for line in record.said.splitlines())
        self._add("fault", None, cut(visible(record.what.encode())), *said)

    def _piece(self, piece: Piece) -> int:
        raw = piece.raw
        if piece.lines and not piece.secret:
            shown = _shown(raw)
            return self._add("message", piece.by, *shown, octets=len(raw), raw=raw)
        base64 = (decoded(raw, piece.by) if piece.secret or _asks(piece) else None) or b""
        line = cut(visible(raw.removesuffix(b"\n").removesuffix(b"\r")))
        return self._add("line", piece.by, line, octets=len(raw), raw=raw, secret=piece.secret, base64=base64)

    def _add(
        self, kind: Kind, by: Party | None, *lines: str,
        octets: int = 0, raw: bytes = b"", secret: bool = False, base64: bytes = b"",
    ) -> int:  # fmt: skip
        sight = Sight(len(self.sights) + 1, kind, by, lines, octets, raw, secret, base64)
        self.sights.append(sight)
        return sight.number


def _shown(raw: bytes) -> list[str]:
    """The lines of a letter, a long one cut."""
    whole = raw.removesuffix(b"\n").split(b"\n")
    shown = [cut(visible(line.removesuffix(b"\r"))) for line in whole[:LONGEST_MESSAGE]]
    more = len(whole) - len(shown)
    return [*shown, _("… and {number} lines more").format(number=more)] if more else shown


def _asks(piece: Piece) -> bool:
    """Whether it is a server's question within AUTH, as "Username:" in Base64."""
    return piece.by == "S" and piece.raw.startswith((b"334 ", b"+ "))


def call_of(transcript: Transcript, flow: Flow) -> Dialled:
    """The call that began a conversation."""
    return next(record for record in transcript.only(Dialled) if record.flow == flow)
