"""The transcript as text: `C:` and `S:` lines, conversation by conversation, secrets masked.

Must not know: what is a secret (`masking.py`), and protocols beyond their names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from mailkit.locale import _
from mailkit.trace.masking import Masking
from mailkit.trace.transcript import Dialled, Disturbed, Flow, Party, Record, Said

if TYPE_CHECKING:
    from mailkit.trace.transcript import Transcript

_SERVICES = {
    25: "SMTP", 53: "DNS", 110: "POP3", 143: "IMAP4", 465: "SMTP", 587: "SMTP", 993: "IMAP4", 995: "POP3",
}  # fmt: skip


class Line(NamedTuple):
    """One line of a conversation as it is shown: no line end, secrets masked, control characters made visible."""

    flow: Flow
    by: Party
    text: str
    encrypted: bool


class Overheard(NamedTuple):
    """A client's line as a man in the middle read it, whose certificate the client had taken for the server's.

    Nothing in it is masked: that he has the password is what there is to see.
    """

    by: str
    text: str


def service(port: int) -> str:
    """The protocol usually found at a port, or "TCP"."""
    return _SERVICES.get(port, "TCP")


def lines(transcript: Transcript, flow: Flow) -> list[Line]:
    """What both ends of one conversation said, line by line in order."""
    return [line for line in _lines_and_faults(transcript, flow) if isinstance(line, Line)]


def _lines_and_faults(transcript: Transcript, flow: Flow) -> Iterator[Line | Disturbed | Overheard]:
    masking = Masking(service(flow.port))
    reader = ""
    for piece in _split(record for record in transcript if getattr(record, "flow", None) == flow):
        if isinstance(piece, Disturbed):
            yield piece
            reader = piece.by if piece.kind == "certificate" else reader
            continue
        by, raw, encrypted = piece
        if by == "S":
            masking.server(raw)
            yield Line(flow, by, visible(raw), encrypted)
            continue
        yield Line(flow, by, visible(masking.client(raw)), encrypted)
        if reader and encrypted:
            yield Overheard(reader, visible(raw))


def visible(raw: bytes) -> str:
    """Text that cannot act: control characters, bidi overrides and Unicode's own line ends are made visible."""
    text = raw.decode("utf-8", "replace")
    return "".join(_VISIBLE.get(ord(c), c) for c in text)


_NO_CHARACTERS = (0xFEFF, 0xFFFE, 0xFFFF)
"""A mark that is not seen, and two that no XML takes."""
_VISIBLE = {
    **{code: chr(0x2400 + code) for code in range(32) if code != 9},
    127: "\u2421",
    **dict.fromkeys(
        [*range(0x80, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A), *_NO_CHARACTERS],
        "\ufffd",
    ),
}


def _split(records: Iterable[Record]) -> Iterator[tuple[Party, bytes, bool] | Disturbed]:
    """Cut what each side said into lines, in the order in which they ended; what was left without an end comes last.

    CRLF is taken off; a bare LF ends a line too, as servers have it, and stays, so that it can be seen.
    """
    rest: dict[Party, bytes] = {"C": b"", "S": b""}
    encrypted = {"C": False, "S": False}
    for record in records:
        if isinstance(record, Disturbed):
            yield record
        if not isinstance(record, Said):
            continue
        *whole, rest[record.by] = (rest[record.by] + record.data).split(b"\n")
        encrypted[record.by] = record.encrypted
        for line in whole:
            yield record.by, line[:-1] if line.endswith(b"\r") else line + b"\n", record.encrypted
    for by, line in rest.items():
        if line:
            yield by, line, encrypted[by]


def heading(number: int, record: Dialled) -> str:
    """Who called whom, and whether the call came through."""
    flow = record.flow
    title = f"[{number}] {flow.client} -> {flow.server}:{flow.port} {service(flow.port)}"
    return title if record.verdict == "accept" else f"{title}: {_refusal(record)}"


def _refusal(record: Dialled) -> str:
    by_rule = _("firewall, rule {rule}").format(rule=record.rule) if record.rule else _("firewall, default")
    return {
        "reject": _("refused ({who})").format(who=by_rule),
        "drop": _("no answer ({who})").format(who=by_rule),
        "closed": _("refused (nobody listens there)"),
        "off": _("no answer ({host} is off)").format(host=record.flow.server),
    }[record.verdict]


def render_flow(transcript: Transcript, flow: Flow) -> list[str]:
    """The lines of one conversation, with a mark where TLS begins and where a fault came to pass."""
    shown: list[str] = []
    was_encrypted, reader = False, ""
    for line in _lines_and_faults(transcript, flow):
        if isinstance(line, Overheard):
            shown.append(f"    {_('{by} reads: {text}').format(by=line.by, text=line.text)}".rstrip())
            continue
        if isinstance(line, Disturbed):
            shown += _fault(line)
            reader = line.by if line.kind == "certificate" else reader
            continue
        if line.encrypted and not was_encrypted:
            shown.append("    " + _tls_begins(reader))
        was_encrypted = line.encrypted
        shown.append(f"    {line.by}: {line.text}".rstrip())
    return shown


def _tls_begins(reader: str) -> str:
    if not reader:
        return _("-- from here on TLS: the wire carries only ciphertext --")
    sentence = _("-- the client takes it: from here on TLS with {by}, who reads every line and passes it on --")
    return sentence.format(by=reader)


def _fault(record: Disturbed) -> list[str]:
    """The sentence, and what a man in the middle said, after his own name."""
    said = record.said.decode("latin-1").splitlines()
    sentence = "    " + _("-- fault: {what} --").format(what=record.what)
    return [sentence, *(f"    {record.by}: {visible(line.encode('latin-1'))}" for line in said)]


def render_one(transcript: Transcript, number: int) -> str:
    """One conversation as text, heading included. IndexError says how many there are."""
    calls = transcript.only(Dialled)
    if not 1 <= number <= len(calls):
        raise IndexError(
            _("there is no conversation {number}; so far there are {count}.").format(number=number, count=len(calls))
        )
    call = calls[number - 1]
    return "\n".join([heading(number, call), *render_flow(transcript, call.flow)])


def render(transcript: Transcript) -> str:
    """The whole transcript as text."""
    numbers = range(1, len(transcript.only(Dialled)) + 1)
    return "\n\n".join(render_one(transcript, n) for n in numbers) or _("Nobody has called anybody yet.")
