"""Goto's mail program over POP3: it copies letters to its PC, and knows a letter again by its unique-id.

What the server was told to delete is a mark until QUIT (RFC 1939 §6); what was read is known to this PC alone.
"""

from __future__ import annotations

from typing import ClassVar

from mailkit.widgets.bench_letter import Known, summary
from mailkit.widgets.bench_line import POP3Line
from mailkit.widgets.bench_program import MOST, Act, MailProgram, Result


class POP3Program(MailProgram):
    """A list that is as old as the session, and copies that stay."""

    protocol = "POP3"
    acts: ClassVar[tuple[Act, ...]] = (
        Act("connect", "closed"),
        Act("noop"),
        Act("download"),
        Act("quit"),
        Act("drop"),
        Act("read", "any", of_letter=True),
        Act("delete", "any", of_letter=True),
        Act("reset"),
        Act("leave", "any"),
    )

    _line: POP3Line | None
    leaves = True
    """Fetched letters stay on the server."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self._numbers: dict[str, int] = {}
        """The message numbers of this session, or of the last one, by unique-id."""
        self._known: dict[str, Known] = {}
        self.marked: set[str] = set()

    @property
    def letters(self) -> list[Known]:
        """What was listed, then what only this PC still has."""
        listed = [self._known[key] for key in self._numbers]
        return [letter for key, letter in self._known.items() if key not in self._numbers] + listed

    @property
    def has_letters(self) -> bool:
        return bool(self._known)

    @property
    def _open(self) -> POP3Line:
        assert self._line is not None, "an act that needs a line ran without one"
        return self._line

    def do_connect(self, _: str) -> Result:
        """Call, TLS where it is offered, log in, list."""
        self._line = line = POP3Line(self._host, self._server, self._port, self._lab.transcript)
        line.ask("")
        if not line.is_tls and b"STLS" in line.ask_many("CAPA"):
            line.ask("STLS")
            line.begin_tls()
        line.ask(f"USER {self._user}")
        line.ask(f"PASS {self._lab.password(self._user)}")
        self.marked.clear()
        self._list()
        return Result("connected", len(self._numbers))

    def _list(self) -> None:
        line = self._open
        pairs = [entry.decode("latin-1").split(" ", 1) for entry in line.ask_many("UIDL")]
        self._numbers = {key: int(number) for number, key in pairs}
        for key in [key for key in self._numbers if key not in self._known][-MOST:]:
            top = b"\r\n".join(line.ask_many(f"TOP {self._numbers[key]} 0"))
            self._known[key] = Known(key, summary(top))
        for key in self._numbers:
            self._known.setdefault(key, Known(key))
        self._forget_gone()

    def _forget_gone(self) -> None:
        """What was never copied, and is listed no more, this PC has never had."""
        gone = [k for k, letter in self._known.items() if k not in self._numbers and letter.content is None]
        for key in gone:
            del self._known[key]

    def do_noop(self, _: str) -> Result:
        """RFC 1939 §5: an answer, and nothing else."""
        self._open.ask("NOOP")
        return Result("noop")

    def do_read(self, key: str) -> Result:
        """The copy on this PC, or RETR."""
        letter = self._known[key]
        if letter.content is None:
            if not self.is_open:
                return Result("not copied")
            self._fetch(letter)
            return Result("fetched", len(self._numbers) - len(self.marked))
        letter.flags |= {"\\Seen"}
        return Result("read copy")

    def _fetch(self, letter: Known) -> None:
        lines = self._open.ask_many(f"RETR {self._numbers[letter.key]}")
        letter.content = b"".join(line + b"\r\n" for line in lines)
        letter.flags |= {"\\Seen"}

    def do_download(self, _: str) -> Result:
        """Every letter that is not here yet; unless they are left on the server, each is marked afterwards."""
        wanted = [letter for letter in self.letters if letter.content is None and letter.key not in self.marked]
        for letter in wanted:
            self._fetch(letter)
            letter.flags -= {"\\Seen"}
        if not self.leaves:
            for key in [key for key in self._numbers if key not in self.marked]:
                self._mark(key)
        return Result("downloaded", len(wanted))

    def do_delete(self, key: str) -> Result:
        """DELE, a mark of this session; or this PC throws its own copy away, when the server has none any more."""
        if key not in self._numbers:
            del self._known[key]
            return Result("copy deleted")
        if not self.is_open:
            return Result("not now")
        if key in self.marked:
            return Result("marked already")
        self._mark(key)
        return Result("marked", len(self.marked))

    def _mark(self, key: str) -> None:
        self._open.ask(f"DELE {self._numbers[key]}")
        self.marked.add(key)

    def do_reset(self, _: str) -> Result:
        """RSET: all marks off."""
        self._open.ask("RSET")
        self.marked.clear()
        return Result("reset")

    def do_leave(self, _: str) -> Result:
        """Turn "leave on server" on or off; only this PC knows."""
        self.leaves = not self.leaves
        return Result("leaves" if self.leaves else "leaves not")

    def do_quit(self, _: str) -> Result:
        """QUIT, at which the server removes what is marked."""
        self._open.ask("QUIT")
        removed, self.marked = self.marked, set()
        for key in removed:
            self._numbers.pop(key)
        self._forget_gone()
        self._hang_up()
        return Result("quit", len(removed))

    def do_drop(self, key: str) -> Result:
        marks = len(self.marked)
        self.marked.clear()
        super().do_drop(key)
        return Result("dropped", marks)
