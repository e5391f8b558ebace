"""The model of the ladder: any run of a lab, line by line; which rows are shown, which one is open.

Must not know: traitlets, browsers, pixels. It reads the transcript on when asked to; nothing runs by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mailkit.locale import _
from mailkit.trace.dialogue import service
from mailkit.trace.transcript import Transcript
from mailkit.widgets import flow_words as words
from mailkit.widgets import meanings
from mailkit.widgets.flow_map import FlowMapModel
from mailkit.widgets.ladder_bytes import Part, cells, covered, covered_cells, decoded, parts
from mailkit.widgets.ladder_rows import Row, RowReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mailkit.lab.topology import Topology
    from mailkit.widgets.flow_map import Station
    from mailkit.widgets.meanings import Meaning

TEXT_ROWS = 200
"""So many rows are in the text view unless more are asked for."""


class Details(NamedTuple):
    """One row, opened. `hidden` says that a secret is covered; `decoded` is None where there is no Base64.

    `cells` is (hexadecimal, character or name, whether it is a name) of the first bytes of `octets`.
    """

    row: Row
    parts: list[Part]
    cells: list[tuple[str, str, bool]]
    octets: int
    decoded: list[Part] | None
    hidden: bool
    meaning: Meaning
    answers: str


class LadderModel:
    """Rows of a run. `hosts` empty and `conversation` 0 mean all; `selected` 0 means that no row is open."""

    def __init__(self, topology: Topology, transcript: Transcript) -> None:
        # The map knows who is a server, who a PC and who answers questions to DNS; of the run it is told nothing.
        self._world = FlowMapModel(topology, Transcript())
        self._reader = RowReader(transcript, self.title, self._world.dns)
        self.hosts: tuple[str, ...] = ()
        self.conversation = 0
        self.selected = 0
        self.secrets_shown = False
        self._visible: list[Row] = []
        self._judged = 0
        self.read()

    # -- what there is

    def read(self) -> bool:
        """Take up what is new in the transcript; whether there was anything."""
        new = self._reader.read()
        self._visible += [row for row in self._reader.rows[self._judged :] if self._is_shown(row)]
        self._judged = len(self._reader.rows)
        return new

    @property
    def rows(self) -> list[Row]:
        """The rows that pass the filter, in the order of the run."""
        return self._visible

    @property
    def total(self) -> int:
        """How many rows there are, shown or not."""
        return len(self._reader.rows)

    @property
    def began(self) -> float:
        """Seconds since 1970 at the first row."""
        return self._reader.rows[0].at if self._reader.rows else 0.0

    def title(self, host: str) -> str:
        """A host's name for people."""
        return self._world.title(host)

    @property
    def stations(self) -> list[Station]:
        """All hosts of the world."""
        return self._world.stations

    @property
    def lanes(self) -> list[Station]:
        """The hosts that the shown rows are of, in the topology's order."""
        present = {host for row in self._visible for host in (row.source, row.target)}
        return [station for station in self.stations if station.name in present]

    @property
    def conversations(self) -> list[tuple[int, str]]:
        """(number, heading) of every call."""
        calls = ((n, call.flow) for n, call in enumerate(self._reader.calls, 1))
        return [
            (n, f"{words.badge(n)} {self.title(f.client)} → {self.title(f.server)} {service(f.port)} {f.port}")
            for n, f in calls
        ]

    # -- what is shown

    def show(self, hosts: Iterable[str] = (), conversation: int = 0) -> None:
        """Only rows that begin or end at one of these hosts, and are of this conversation.

        ValueError names the hosts, IndexError the number of conversations that there are.
        """
        chosen = tuple(hosts)
        known = [station.name for station in self.stations]
        for name in chosen:
            if name not in known:
                raise ValueError(_("no host {name!r}; hosts: {known}").format(name=name, known=", ".join(known)))
        count = len(self._reader.calls)
        if not 0 <= conversation <= count:
            sentence = _("there is no conversation {number}; so far there are {count}.")
            raise IndexError(sentence.format(number=conversation, count=count))
        self.hosts, self.conversation = chosen, conversation
        self._visible = [row for row in self._reader.rows if self._is_shown(row)]
        if self.selected and not self._is_shown(self._row(self.selected)):
            self.selected = 0

    def _is_shown(self, row: Row) -> bool:
        if self.conversation and row.call != self.conversation:
            return False
        return not self.hosts or row.source in self.hosts or row.target in self.hosts

    def select(self, number: int) -> None:
        """Open a row by its number; 0 closes. A row that is not shown, or is none, closes too."""
        there = 1 <= number <= self.total and self._is_shown(self._row(number))
        self.selected = number if there else 0

    def _row(self, number: int) -> Row:
        return self._reader.rows[number - 1]

    # -- one row

    def text_of(self, row: Row) -> str:
        """What a row says; a secret only when secrets are shown."""
        if row.secret and self.secrets_shown and row.kind == "line":
            return words.cut("".join(f"[{p.text}]" if p.named else p.text for p in parts(row.raw.rstrip(b"\r\n"))))
        return row.text

    def meaning(self, row: Row) -> Meaning:
        """By verb or code; within AUTH by that."""
        protocol = service(row.port)
        if row.kind != "line":
            return meanings.of_kind(row.kind, protocol)
        if row.by == "S":
            return meanings.of_reply(protocol, row.text)
        return meanings.of_command(protocol, row.text)

    def details(self) -> Details | None:
        """The open row, its bytes and its meaning."""
        if not self.selected:
            return None
        row = self._row(self.selected)
        hidden = row.secret and not self.secrets_shown
        raw = row.text.encode() + (b"\r\n" if row.raw.endswith(b"\r\n") else b"") if hidden else row.raw
        return Details(
            row=row,
            parts=parts(raw),
            cells=covered_cells(raw) if hidden else cells(raw),
            octets=len(row.raw),
            decoded=self._decoded(row, hidden),
            hidden=hidden,
            meaning=self.meaning(row),
            answers=self._answers(row),
        )

    def _decoded(self, row: Row, hidden: bool) -> list[Part] | None:
        """Base64 is looked for where AUTH has it: in what the client keeps secret, and in what the server asks."""
        asks = row.by == "S" and meanings.code_of(service(row.port), row.text) in ("334", "+")
        found = decoded(row.raw, row.by) if row.secret or asks else None
        if found is None or (asks and not _is_text(found)):
            return None
        return parts(covered(found) if hidden else found)

    def _answers(self, row: Row) -> str:
        if not row.answers:
            return ""
        command = self._row(row.answers)
        return _("answers row {number}: {command}").format(number=row.answers, command=command.text)

    # -- words

    def in_order(self) -> list[Row]:
        """The shown rows, conversation by conversation, what belongs to none last.

        Two conversations at once are recorded as they happen to interleave; this order is the same in each run.
        """
        late = ("note", "end")
        return sorted(self.rows, key=lambda row: (row.call or len(self._reader.calls) + 1, row.kind in late))

    def text(self, most: int | None = TEXT_ROWS) -> str:
        """The shown rows in words, the open one with its details; None: all of them. Secrets stay covered."""
        if not self.total:
            return _("Nobody has called anybody yet.")
        head = _("Ladder: {shown} of {total} rows, {calls} conversations")
        lines = [head.format(shown=len(self.rows), total=self.total, calls=len(self._reader.calls))]
        rows = self.in_order()
        kept = rows if most is None else rows[:most]
        lines += [line for row in kept for line in self._text_of(row)]
        if len(kept) < len(rows):
            lines.append(_("… and {number} rows more").format(number=len(rows) - len(kept)))
        return "\n".join(lines)

    def _text_of(self, row: Row) -> Iterator[str]:
        if row.kind in ("call", "reject", "drop", "closed", "off"):
            yield f"{words.badge(row.call)} {words.clock(row.at, self.began)} {row.text}"
        else:
            mark = {"C": "→", "S": "←"}.get(row.by or "", "·")
            host = f"{self.title(row.source)}: " if row.kind in ("dns", "note") else ""
            yield f"   {mark} {host}{row.text}".rstrip()
        if row.number == self.selected:
            meaning = self.meaning(row)
            notes = [meaning.sentence, meaning.rfc]
            yield from (f"       {note}" for note in notes if note)


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
