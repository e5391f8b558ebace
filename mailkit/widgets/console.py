"""A conversation held by hand with a real server of a lab: lines out, replies in, each with what it means.

Must not know: sockets (`console_line.py`), the rules of a protocol (`console_talk.py`), how anything is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from mailkit.locale import _
from mailkit.trace.dialogue import service, visible
from mailkit.trace.masking import BEFORE_SECRET, Masking
from mailkit.widgets.console_fetch import IMAPTalk, POP3Talk
from mailkit.widgets.console_line import PATIENCE, ConsoleLine
from mailkit.widgets.console_talk import CRLF, SMTPTalk, Talk
from mailkit.widgets.console_words import Why, explain, summary, unfinished, waiting

if TYPE_CHECKING:
    from mailkit.lab.clients import LabHost

_TALKS: dict[str, type[SMTPTalk | POP3Talk | IMAPTalk]] = {"SMTP": SMTPTalk, "POP3": POP3Talk, "IMAP4": IMAPTalk}
LONGEST = 400
"""Characters that are shown of a line."""
MOST = 500
"""Lines that are kept; what is older is counted."""
_LONGEST_READING = 20_000
"""Lines of one answer after which the learner has the floor again."""


class Entry(NamedTuple):
    """A line of the dialogue as it is shown: C and S spoke, "note" is what happened, "why" an explanation."""

    by: Literal["C", "S", "note", "why"]
    text: str
    kind: str = ""
    rfc: str = ""


class ConsoleModel:
    """`say` a line, read `entries`, see where `talk` stands. No call takes longer than the patience for one answer."""

    def __init__(self, host: LabHost, name: str, port: int, *, patience: float = PATIENCE) -> None:
        if (protocol := service(port)) not in _TALKS:
            known = "25, 110, 143, 465, 587, 993, 995"
            raise ValueError(
                _("port {port} speaks none of SMTP, POP3, IMAP; try {known}").format(port=port, known=known)
            )
        self._host, self.name, self.port, self.protocol = host, name, port, protocol
        self._patience = patience
        self._line: ConsoleLine | None = None
        self.entries: list[Entry] = []
        self.dropped = 0
        """How many older lines are kept no more."""
        self.history: list[str] = []
        """What was typed, to be typed again; lines with a secret in them are not kept."""
        self.connect()

    # -- the connection

    @property
    def hides(self) -> str:
        """A pattern of lines that are not to be seen while they are typed; "" where every line may be."""
        if self._masking.in_content:
            return ""
        return "" if not self.is_open else "." if self._masking.in_secret else BEFORE_SECRET

    @property
    def is_open(self) -> bool:
        """Whether the server can be spoken to."""
        return self._line is not None

    @property
    def is_tls(self) -> bool:
        """Whether what is said now is encrypted."""
        return self._line is not None and self._line.is_tls

    def connect(self) -> None:
        """Call the server, again if need be, and read its greeting."""
        self.close()
        self.talk: Talk = _TALKS[self.protocol](self.port, address=self._host.address)
        self._masking = Masking(self.protocol)
        where = {"host": self._host.name, "server": self.name, "port": self.port}
        try:
            self._line = ConsoleLine(self._host, self.name, self.port, self._patience)
        except OSError as error:
            self._note(_("{host} calls {server}, port {port}: {error}").format(**where, error=_said(error)), "no")
            self.talk.ended()
            return
        self._note(_("{host} calls {server}, port {port}.").format(**where))
        if self._line.is_tls:
            self._tls_is_on()
        self._read()

    def close(self) -> None:
        """Hang up without a word."""
        if self._line is not None:
            self._line.close()
            self._gone(_("You have hung up."))

    def _gone(self, sentence: str) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None
        self.talk.ended()
        self._note(sentence)

    def _tls_is_on(self) -> None:
        self.talk.secured()
        self._note(_("-- from here on TLS: the wire carries only ciphertext --"), "tls")

    # -- speaking and listening

    def say(self, text: str, end: str = "\r\n") -> None:
        """Send a line exactly as typed, and read what the server says to it."""
        if self._line is None:
            self._note(_("There is no connection. Reconnect first."), "no")
            return
        self._read(wait=False)
        for piece in text.encode("utf-8", "replace").split(b"\n"):
            if self.is_open:
                self._send(piece.removesuffix(b"\r"), end.encode("ascii", "replace"))

    def _send(self, line: bytes, end: bytes) -> None:
        assert self._line is not None
        shown = self._masking.client(line if end != b"\n" else line + end)
        if shown.removesuffix(b"\n") == line and line:
            self.history = [old for old in self.history if old != line.decode("utf-8", "replace")][-99:]
            self.history.append(line.decode("utf-8", "replace"))
        self._add(Entry("C", _shown(shown)))
        self.talk.client(line, end)
        try:
            self._line.say(line + end)
        except OSError as error:
            self._gone(_("The connection broke: {error}").format(error=_said(error)))
            return
        self._read(end=end, wait=end != b"")

    def listen(self) -> None:
        """Read what the server has said in the meantime."""
        if self.is_open:
            self._read()

    def _read(self, *, wait: bool = True, end: bytes = CRLF) -> None:
        for _number in range(_LONGEST_READING):
            raw = self._next(wait=wait)
            if raw is None:
                break
            self._hear(raw)
        if self._line is None:
            return
        if self._line.ended:
            self._gone(_("The server has closed the connection."))
        elif wait and self.talk.awaits_answer:
            self._explain(unfinished(end) if end != CRLF else waiting(self.talk))
        elif end != CRLF and self.talk.wanted == "content":
            self._explain(unfinished(end))

    def _next(self, *, wait: bool) -> bytes | None:
        if self._line is None:
            return None
        return self._line.line(wait=wait and (self.talk.awaits_answer or self.talk.closing))

    def _hear(self, raw: bytes) -> None:
        line = raw[:-2] if raw.endswith(CRLF) else raw
        self._masking.server(line)
        answer = self.talk.server(raw)
        self._add(Entry("S", _shown(line), answer.kind))
        if (why := explain(answer, self.talk)) is not None:
            self._explain(why)
        if self.talk.wants_tls:
            self._begin_tls()

    def _begin_tls(self) -> None:
        assert self._line is not None
        try:
            self._line.begin_tls()
        except OSError as error:
            self._gone(_("The TLS handshake failed: {error}").format(error=_said(error)))
        else:
            self._tls_is_on()

    # -- what is shown

    def _note(self, text: str, kind: str = "") -> None:
        self._add(Entry("note", _shown(text.encode("utf-8", "replace")), kind))

    def _explain(self, why: Why) -> None:
        self._add(Entry("why", why.text, "", why.rfc))

    def _add(self, entry: Entry) -> None:
        self.entries.append(entry)
        if (surplus := len(self.entries) - MOST) > 0:
            self.dropped += surplus
            del self.entries[:surplus]

    @property
    def heading(self) -> str:
        """Who speaks with whom, and whether it can be read on the way."""
        way = _("under TLS") if self.is_tls else _("in clear") if self.is_open else _("not connected")
        return f"{self._host.name} → {self.name}:{self.port} {self.protocol}, {way}"

    def text(self) -> str:
        """The dialogue so far, the state, the legal commands."""
        earlier = [_("({count} earlier lines)").format(count=self.dropped)] if self.dropped else []
        lines = [self.heading, *earlier, *map(_line_of, self.entries), *summary(self.talk)]
        return "\n".join(line.rstrip() for line in lines)


def _line_of(entry: Entry) -> str:
    if entry.by in ("C", "S"):
        return f"    {entry.by}: {entry.text}"
    source = f" ({entry.rfc})" if entry.rfc else ""
    return f"       {'? ' if entry.by == 'why' else ''}{entry.text}{source}"


def _shown(raw: bytes) -> str:
    text = visible(raw)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _said(error: OSError) -> str:
    """The sentence of an error, without the numbers and file names that differ from run to run."""
    told = getattr(error, "verify_message", "") or getattr(error, "reason", "") or error.strerror or str(error)
    return str(told)
