"""What the two mail programs of the bench share: a line or none, what is known, which acts there are and when.

Must not know: POP3, IMAP4, sentences about what an act teaches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from mailkit.widgets.bench_line import Lost, Refusal, ServerLine

if TYPE_CHECKING:
    from datetime import datetime

    from mailkit.lab.clients import LabHost
    from mailkit.lab.lab import Lab
    from mailkit.widgets.bench_letter import Known

MOST = 50
"""Headers are fetched of so many letters, the newest."""


class Act(NamedTuple):
    """Something to do at a PC. `when`: on an open line, without one, or either way."""

    name: str
    when: Literal["open", "closed", "any"] = "open"
    of_letter: bool = False


class Result(NamedTuple):
    """What came of an act: a word for the sentence about it, and how many letters or changes it was about."""

    word: str
    number: int = 0
    detail: str = ""


class MailProgram:
    """One person's program on one PC; `letters` and `heard_at` are what it heard last, right or wrong.

    `obey` does an act. A refusal leaves the line open, a lost line closes it; neither is an exception to the caller.
    """

    protocol: str
    acts: ClassVar[tuple[Act, ...]]
    is_idle = False
    folder = "INBOX"

    def __init__(self, lab: Lab, host: LabHost, server: str, port: int, user: str) -> None:
        self._lab, self._host, self._server, self._port, self._user = lab, host, server, port, user
        self.heard_at: datetime | None = None
        self._line: Any = None

    @property
    def letters(self) -> list[Known]:
        """In the order of the server."""
        raise NotImplementedError

    @property
    def has_letters(self) -> bool:
        """Whether it knows of any."""
        return bool(self.letters)

    @property
    def folders(self) -> list[str]:
        """Folders that it knows of."""
        return ["INBOX"]

    @property
    def is_open(self) -> bool:
        """Whether it is connected."""
        return self._line is not None

    @property
    def is_tls(self) -> bool:
        """Whether the wire shows noise."""
        return self._line is not None and self._line.is_tls

    @property
    def flow(self) -> object:
        """The conversation that it is in, None without one."""
        return self._line.flow if self._line is not None else None

    def find(self, key: str) -> Known | None:
        """The letter of that key."""
        return next((letter for letter in self.letters if letter.key == key), None)

    def may(self, act: Act) -> bool:
        """Whether an act is possible now, a letter aside."""
        return act.when == "any" or (act.when == "open") == self.is_open

    def obey(self, name: str, key: str = "") -> Result:
        """Do the act of that name, with a letter or (for "open") a folder."""
        before = self.is_open
        try:
            result: Result = getattr(self, f"do_{name}")(key)
            self.tidy()
        except Refusal as refusal:
            result = Result("refused", detail=str(refusal))
            if not before:
                self._hang_up()
        except Lost as lost:
            self._hang_up()
            result = Result("lost", detail=str(lost))
        except OSError as error:
            self._hang_up()
            result = Result("no line", detail=str(error.strerror or error))
        if self.is_open:
            self.heard_at = self._lab.clock.now()
        return result

    def listen(self) -> int:
        """Take up what the server said unasked; how many changes that were."""
        return 0

    def tidy(self) -> None:
        """After each act: learn what the act has shown to be unknown."""

    def do_drop(self, _: str) -> Result:
        """The line breaks: no word of goodbye."""
        self._hang_up()
        return Result("dropped")

    def _hang_up(self) -> None:
        line, self._line, self.is_idle = self._line, None, False
        if isinstance(line, ServerLine):
            line.close()
