"""The two-PC bench as a model: two mail programs of one person beside the truth on his server.

Every act speaks to a running server of the lab. What a PC shows is what it last heard; what the server keeps is read
from the server. Must not know: traitlets, browsers, pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from mailkit.locale import _
from mailkit.widgets import bench_words as words
from mailkit.widgets.bench_cast import cast
from mailkit.widgets.bench_compare import differences
from mailkit.widgets.bench_imap import IMAPProgram
from mailkit.widgets.bench_letter import Summary, summary
from mailkit.widgets.bench_pop3 import POP3Program
from mailkit.widgets.bench_post import send, usual_subjects
from mailkit.widgets.flow_words import harmless
from mailkit.widgets.ladder import LadderModel

if TYPE_CHECKING:
    from mailkit.lab.holdings import Holdings
    from mailkit.lab.lab import Lab
    from mailkit.mail.mailbox import Message
    from mailkit.net.zones import Host
    from mailkit.widgets.bench_cast import Cast
    from mailkit.widgets.bench_compare import Difference
    from mailkit.widgets.bench_program import Act, MailProgram
    from mailkit.widgets.ladder_rows import Row

Protocol = Literal["POP3", "IMAP4"]
_PROGRAMS: dict[str, type[POP3Program | IMAPProgram]] = {"POP3": POP3Program, "IMAP4": IMAPProgram}
_LINES = 80
"""So many lines of the last act are kept in sight under a PC."""
_TOLD = 20
"""So many differences of a PC are told in words."""
MINUTES = 5


class PC:
    """One of the two PCs, and the program that it runs for each protocol."""

    def __init__(self, host: Host, programs: dict[str, MailProgram]) -> None:
        self.host, self.title, self.programs = host.name, harmless(host.title or host.name), programs
        self.note = ""
        self.first_row = 0
        """The ladder's rows from there on are of the last act."""
        self.reading: dict[str, str] = {}
        """The key of the letter that is open, by protocol."""
        self.differences: list[Difference] = []


class BenchModel:
    """`act` at a PC, `write` a letter, `use` a protocol; then look at `pcs`, `truth` and `compared()`."""

    def __init__(self, lab: Lab, address: str = "") -> None:
        self._lab = lab
        self.cast: Cast = cast(lab.topology, address)
        self.protocols: list[str] = [name for name in get_args(Protocol) if name in self.cast.ports]
        self.protocol = self.protocols[-1]
        self.pcs = [PC(host, self._programs(host)) for host in self.cast.pcs]
        self.ladder = LadderModel(lab.topology, lab.transcript)
        self.note = ""
        self._written = self._looked_at = 0
        self._summaries: dict[tuple[int, int], Summary] = {}
        self.truth: Holdings = lab.holdings(self.cast.reader.address)
        self.refresh()

    def _programs(self, host: Host) -> dict[str, MailProgram]:
        at, server, user = self._lab.host(host.name), self.cast.server.hostname, self.cast.reader.address
        return {name: _PROGRAMS[name](self._lab, at, server, self.cast.ports[name], user) for name in self.protocols}

    # -- what is done

    def program(self, pc: PC) -> MailProgram:
        """What runs on a PC now."""
        return pc.programs[self.protocol]

    def act(self, number: int, name: str, key: str = "") -> None:
        """Do something at PC 0 or 1: an act of its program, or "open" with a folder for `key`.

        ValueError names the acts; LookupError says that the PC does not have such a letter.
        """
        pc = self.pcs[number]
        program = self.program(pc)
        known = self._acts(pc)
        if not self.knows(name):
            raise ValueError(_("no act {name!r}; acts: {known}").format(name=name, known=", ".join(known)))
        if name in known and (why := words.why_not(known[name], program)):
            pc.note = f"{words.act_label(known[name], program)}: {why}."
            return
        self._check(pc, program, known.get(name), key)
        self._obey(pc, program, name, key)

    def knows(self, name: str) -> bool:
        """Whether there is such an act, in the protocol of now."""
        return name in self._acts(self.pcs[0]) or (name == "open" and self.protocol == "IMAP4")

    def _acts(self, pc: PC) -> dict[str, Act]:
        return {act.name: act for act in self.program(pc).acts}

    def tell(self, number: int, note: str) -> None:
        """Let a PC say something."""
        self.pcs[number].note = note

    def open_line(self, number: int) -> None:
        """Open a line of what was said by its number in the ladder; the open one closes."""
        self.ladder.select(0 if number == self.ladder.selected else number)

    def _check(self, pc: PC, program: MailProgram, act: Act | None, key: str) -> None:
        if act is None and key not in program.folders:
            known = {"pc": pc.title, "key": key, "folders": ", ".join(program.folders)}
            raise LookupError(_("{pc} knows no folder {key!r}; it knows: {folders}").format(**known))
        if act is not None and act.of_letter and program.find(key) is None:
            raise LookupError(_("{pc} has no letter {key!r}").format(pc=pc.title, key=key))

    def _obey(self, pc: PC, program: MailProgram, name: str, key: str) -> None:
        self.ladder.read()
        self.note, pc.first_row = "", self.ladder.total
        result = program.obey(name, key)
        pc.note = words.outcome(result)
        if name == "read" and result.word != "refused":
            pc.reading[self.protocol] = key
        self.refresh()

    def write(self, subject: str = "") -> None:
        """Somebody writes a letter to the reader, and it is filed."""
        if self.cast.writer is None:
            self.note = _("Nobody in this world can write to {name}.").format(name=self.cast.reader.address)
            return
        usual = usual_subjects()
        number = self._written
        subject = subject or (usual[number] if number < len(usual) else _("Letter {number}").format(number=number + 1))
        self._written += 1
        failed = send(self._lab, self.cast.writer, self.cast.reader, subject)
        written = _("{name} has written, and the letter is filed.").format(name=self.cast.writer.user.name)
        self.note = failed or written
        self.refresh()

    def use(self, protocol: str) -> None:
        """Change both PCs over; open lines are dropped, which deletes nothing. ValueError names what there is."""
        if protocol not in self.protocols:
            known = ", ".join(self.protocols)
            raise ValueError(_("no protocol {name!r} here; there are: {known}").format(name=protocol, known=known))
        for pc in self.pcs:
            if self.program(pc).is_open:
                self.program(pc).do_drop("")
        self.protocol = protocol
        for pc in self.pcs:
            pc.note, pc.first_row = "", self.ladder.total
        self.note = _("Both PCs use {protocol} now.").format(protocol=protocol)
        self.refresh()

    def wait(self, minutes: int = MINUTES) -> None:
        """Let time go by on the lab's clock."""
        self._lab.advance(minutes=minutes)
        self.note = _("It is {time:%H:%M} now.").format(time=self._lab.clock.now())
        self.refresh()

    def close(self) -> None:
        """Hang up at both PCs."""
        for pc in self.pcs:
            for program in pc.programs.values():
                if program.is_open:
                    program.do_drop("")

    # -- what there is to see

    @property
    def is_behind(self) -> bool:
        """Something was recorded since it looked last."""
        return len(self._lab.transcript) != self._looked_at

    def refresh(self) -> None:
        """Look again: what was told to PCs that wait in IDLE, what the server keeps, what was said."""
        self._looked_at = len(self._lab.transcript)
        for pc in self.pcs:
            if count := self._listen(self.program(pc)):
                pc.note = words.news(count)
        if self._lab.is_running:
            self.truth = self._lab.holdings(self.cast.reader.address)
        for pc in self.pcs:
            pc.differences = differences(self.program(pc), self.truth)
        self.ladder.read()

    def _listen(self, program: MailProgram) -> int:
        try:
            return program.listen()
        except OSError:
            program.do_drop("")
            return 0

    def title(self, host: str) -> str:
        """A host's name for people."""
        return harmless(self.ladder.title(host))

    def lines(self, pc: PC) -> list[Row]:
        """What was said between a PC and the server since its last act began."""
        rows = [row for row in self.ladder.rows[pc.first_row :] if pc.host in (row.source, row.target)]
        return [row for row in rows if row.kind != "end"][-_LINES:]

    def summary(self, message: Message, validity: int) -> Summary:
        """Who wrote a letter on the server, about what; read once."""
        key = (validity, message.uid)
        if key not in self._summaries:
            self._summaries[key] = summary(message.raw)
        return self._summaries[key]

    def visitors(self) -> list[str]:
        """Who is logged in at the server, in words."""
        return [words.visitor(who, self.title) for who in self.truth.visitors]

    def compared(self) -> list[str]:
        """Where each PC and the server differ, in sentences."""
        told = []
        for pc in self.pcs:
            program = self.program(pc)
            found = [words.sentence(one, program, pc.title) for one in pc.differences[:_TOLD]]
            told += found or [words.alike(pc.title)]
            if (more := len(pc.differences) - _TOLD) > 0:
                told.append(_("… and {number} differences more").format(number=more))
        return told
