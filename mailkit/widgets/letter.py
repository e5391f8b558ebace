"""The model of envelope and letter: a real conversation to be sorted line by line, a letter to be sent again.

Must not know: traitlets, browsers, sentences (`letter_words.py`), sockets (`letter_post.py`).
"""

from __future__ import annotations

from email.utils import getaddresses
from typing import TYPE_CHECKING, NamedTuple

from mailkit.mail.envelope import header_fields
from mailkit.trace.dialogue import lines, visible
from mailkit.widgets import flow_words, letter_words
from mailkit.widgets.journey import Journeys
from mailkit.widgets.letter_lines import PLACES, Cut, Place, cut
from mailkit.widgets.letter_post import Counter, Draft, first_draft, tidied
from mailkit.widgets.route import Run

if TYPE_CHECKING:
    from mailkit.lab.lab import Lab
    from mailkit.mail.mailbox import Message
    from mailkit.widgets.letter_lines import LetterLine
    from mailkit.widgets.route import Letter

MOST_FIELDS = 40
"""Fields that are shown of a copy."""


class Copy(NamedTuple):
    """One message that arrived: `fields` are (name, value, who put it there), the uppermost first.

    `origin` of a field: "server" put it on top on the way, "you" wrote it. `bounce`: it is no copy of the letter,
    it tells that the letter failed. `gone`: it was deleted meanwhile.
    """

    address: str
    uid: int
    fields: tuple[tuple[str, str, str], ...]
    bounce: bool
    gone: bool


class LetterModel:
    """`send`, sort with `put`, read `arrived`. `placed` holds the latest try at each line, by its number."""

    def __init__(self, lab: Lab, sender: str, draft: Draft | None = None, host: str = "") -> None:
        self._lab, self.counter = lab, Counter(lab, sender, host)
        self.draft = tidied(draft or first_draft(lab.topology, sender))
        self.problem = ""
        """Why the last letter could not be handed in or is still under way; "" when all went well."""
        self.read()

    # -- the letter

    def read(self) -> None:
        """Take up the latest letter that was handed in from this PC, whoever's program did it."""
        self._run = Run(self._lab.topology, self._lab.transcript)
        mine = [letter for letter in self._run.letters if letter.flow.client == self.counter.host]
        self.letter: Letter | None = mine[-1] if mine else None
        self.cut = cut(lines(self._lab.transcript, self.letter.flow)) if self.letter else Cut()
        self.placed: dict[int, Place] = {}
        self._journeys = Journeys(self._run.records)

    def look(self) -> None:
        """Read the transcript again; what was sorted stays as long as there is no newer letter."""
        before, placed = self.letter and self.letter.flow, self.placed
        self.read()
        if self.letter and self.letter.flow == before:
            self.placed = placed

    def send(self, draft: Draft | None = None) -> None:
        """Hand the letter in, and wait until every copy is filed or returned."""
        if draft is not None:
            self.draft = tidied(draft)
        self.problem = ""
        try:
            self.counter.hand_in(self.draft)
            self._lab.settle()
        except (OSError, RuntimeError) as error:  # what smtplib and settle raise are OSErrors; a stopped lab is not
            self.problem = flow_words.harmless(str(error))
        self.read()

    # -- sorting

    def put(self, number: int, place: Place) -> bool:
        """The learner puts a line somewhere; whether it belongs there. IndexError or ValueError: nothing like that."""
        if place not in PLACES:
            raise ValueError(f"no place {place!r}; places: {', '.join(PLACES)}")
        line = self.line(number)
        self.placed[number] = place
        return line.place == place

    def line(self, number: int) -> LetterLine:
        """A line by its number, from 1."""
        if not 1 <= number <= len(self.cut.lines):
            raise IndexError(f"no line {number}; lines: 1 to {len(self.cut.lines)}")
        return self.cut.lines[number - 1]

    def is_right(self, number: int) -> bool:
        """Whether the latest try at a line was right."""
        return self.placed.get(number) == self.line(number).place

    @property
    def sorted_lines(self) -> list[LetterLine]:
        """The lines that lie where they belong."""
        return [line for line in self.cut.lines if self.is_right(line.number)]

    def reveal(self) -> None:
        """Put every line where it belongs."""
        self.placed = {line.number: line.place for line in self.cut.lines}

    def begin_again(self) -> None:
        """Forget what was sorted."""
        self.placed = {}

    # -- what became of it

    @property
    def recipients(self) -> list[tuple[str, str]]:
        """(address, refusal) of every RCPT TO, in order of fate; refusal "" where the server took it."""
        if self.letter is None:
            return []
        said = self.letter.transaction
        taken = [(path.strip("<>"), "") for path in said.forward_paths]
        return taken + [(path.strip("<>"), reply) for path, reply in said.refused_paths]

    @property
    def reply(self) -> str:
        """The server's verdict on the letter."""
        return self.letter.transaction.reply if self.letter else ""

    def named(self, *names: str) -> list[str]:
        """The addresses in these header fields of the letter as it was sent, lower case."""
        content = self.letter.transaction.content if self.letter else None
        values = [value for name, value in header_fields(content or b"") if name.strip().lower() in names]
        return [address.lower() for _, address in getaddresses(values) if "@" in address]

    @property
    def arrived(self) -> list[Copy]:
        """Every copy in every mailbox as it rests there now, in the envelope's order; notices of failure last.

        Two servers file when they get to it, so the order of time would differ from run to run.
        """
        if self.letter is None:
            return []
        said = self.letter.transaction
        stops = self._journeys.brought(self.letter.flow, range(said.began, said.ended + 1))
        copies = [self._copy(*filed) for filed in self._journeys.filed(self._journeys.onward(stops))]
        order = {path.lower(): at for at, (path, _) in enumerate(self.recipients)}
        return sorted(copies, key=lambda copy: (copy.bounce, order.get(copy.address.lower(), len(order)), copy.uid))

    def _copy(self, address: str, uid: int, _: object, bounce_of: str) -> Copy:
        message = next((one for one in self._lab.mailbox(address) if one.uid == uid), None)
        fields = self._fields(message) if message else ()
        return Copy(address, uid, fields, bool(bounce_of), message is None)

    def _fields(self, message: Message) -> tuple[tuple[str, str, str], ...]:
        """From the bottom up, what the letter had when it was handed in is the sender's."""
        content = self.letter.transaction.content if self.letter else b""
        found = header_fields(message.raw)
        own = len(header_fields(content or b""))
        servers = max(0, len(found) - own) if message.raw.endswith(content or b"\0") else len(found)
        shown = [(visible(name.encode()), flow_words.harmless(value)) for name, value in found[:MOST_FIELDS]]
        return tuple((name, value, "server" if at < servers else "you") for at, (name, value) in enumerate(shown))

    # -- words

    def text(self) -> str:
        """The conversation as far as it is sorted, and what arrived, in words."""
        return letter_words.text(self)
