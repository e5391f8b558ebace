"""The rows of the ladder: every record of a transcript in the order of the run, lines cut and numbered.

Must not know: which rows are shown, how they look. It reads on from where it stopped.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Literal, NamedTuple

from mailkit.locale import _
from mailkit.trace.dialogue import service
from mailkit.trace.transcript import Asked, Closed, Dialled, Disturbed, Flow, Handled, Said, Secured
from mailkit.widgets import flow_words as words
from mailkit.widgets.ladder_cut import Piece, cutter

if TYPE_CHECKING:
    from mailkit.trace.transcript import Party, Record, Transcript
    from mailkit.widgets.flow_words import Titles
    from mailkit.widgets.ladder_cut import Cutter

Kind = Literal["call", "reject", "drop", "closed", "off", "line", "message", "tls", "end", "fault", "dns", "note"]
"""A call that came through, or why it did not; a line, or a message in one piece; what else was recorded."""


class Row(NamedTuple):
    """One row. `source` and `target` are hosts, "" where there is none; `call` counts conversations from 1, 0: none.

    `text` is what may be shown: secrets masked. `raw` is what was sent, CRLF included, secrets too.
    """

    number: int
    at: float
    kind: Kind
    call: int
    port: int
    source: str
    target: str
    by: Party | None
    text: str
    raw: bytes = b""
    secret: bool = False
    encrypted: bool = False
    answers: int = 0


class RowReader:
    """Reads a transcript, again and again. `dns` is the host that questions are drawn to, or ""."""

    def __init__(self, transcript: Transcript, titles: Titles, dns: str = "") -> None:
        self._transcript, self._titles, self._dns = transcript, titles, dns
        self.rows: list[Row] = []
        self.calls: list[Dialled] = []
        self._numbers: dict[Flow, int] = {}
        self._cutters: dict[Flow, Cutter] = {}
        self._seen = 0

    def read(self) -> bool:
        """Take up what is new; whether there was anything."""
        new = list(islice(self._transcript, self._seen, None))
        self._seen += len(new)
        for record in new:
            self._take(record)
        return bool(new)

    def _take(self, record: Record) -> None:
        match record:
            case Said():
                self._cutter(record.flow).said(record)
            case Dialled():
                self._dialled(record)
            case Asked():
                self._row(
                    record.at, "dns", None, record.host, "" if record.remembered else self._dns, words.question(record)
                )
            case Handled():
                text = words.harmless(words.log_line(record, record.host, self._titles))
                self._row(record.at, "note", record.flow, record.host, "", text)
            case Secured() | Closed() | Disturbed():
                self._turned(record)

    def _dialled(self, record: Dialled) -> None:
        self.calls.append(record)
        self._numbers[record.flow] = len(self.calls)
        kind: Kind = "call" if record.verdict == "accept" else record.verdict
        self._row(record.at, kind, record.flow, record.flow.client, record.flow.server, self._calls(record))

    def _calls(self, record: Dialled) -> str:
        flow = record.flow
        rule = _("rule {rule}").format(rule=record.rule) if record.rule else _("no rule allows it")
        sentence = {
            "accept": _("{caller} calls {server}, port {port} ({service})"),
            "drop": _("{caller} calls {server}, port {port} ({service}): no answer. The firewall dropped it ({rule})."),
            "reject": _("{caller} calls {server}, port {port} ({service}): the firewall refused it ({rule})."),
            "closed": _("{caller} calls {server}, port {port} ({service}): nobody listens there."),
            "off": _("{caller} calls {server}, port {port} ({service}): no answer. That host is switched off."),
        }[record.verdict]
        caller, server = self._titles(flow.client), self._titles(flow.server)
        return sentence.format(caller=caller, server=server, port=flow.port, service=service(flow.port), rule=rule)

    def _turned(self, record: Secured | Closed | Disturbed) -> None:
        flow = record.flow
        if isinstance(record, Secured):
            self._row(record.at, "tls", flow, flow.client, flow.server, _("TLS: from here on the wire shows noise"))
        elif isinstance(record, Closed):
            self._cutter(flow).ended()
            self._row(record.at, "end", flow, flow.client, flow.server, _("the conversation is over"))
        else:
            text = words.harmless(_("fault: {what}").format(what=record.what))
            self._row(record.at, "fault", flow, record.by or flow.server, flow.client, text, record.said)

    def _cutter(self, flow: Flow) -> Cutter:
        if flow not in self._cutters:
            self._cutters[flow] = cutter(flow, lambda piece: self._said(flow, piece))
        return self._cutters[flow]

    def _said(self, flow: Flow, piece: Piece) -> int:
        ends = (flow.client, flow.server) if piece.by == "C" else (flow.server, flow.client)
        text = words.cut(piece.text) if not piece.lines or piece.secret else _message(piece)
        row = Row(
            len(self.rows) + 1, piece.at, "message" if piece.lines else "line", self._numbers.get(flow, 0), flow.port,
            *ends, piece.by, text, piece.raw, piece.secret, piece.encrypted, piece.answers,
        )  # fmt: skip
        self.rows.append(row)
        return row.number

    def _row(
        self, at: float, kind: Kind, flow: Flow | None, source: str, target: str, text: str, raw: bytes = b""
    ) -> None:
        call, port = (self._numbers.get(flow, 0), flow.port) if flow else (0, 0)
        self.rows.append(Row(len(self.rows) + 1, at, kind, call, port, source, target, None, text, raw))


def _message(piece: Piece) -> str:
    return _("{lines} lines of a message, {octets} octets").format(lines=piece.lines, octets=len(piece.raw))
