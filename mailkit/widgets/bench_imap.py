r"""Goto's mail program over IMAP4: a picture of a mailbox that stays on the server, and copies for no line.

It reads responses in their order, as it has to: EXPUNGE moves the numbers of those behind it (RFC 9051 §7.5.1).
It understands what the lab's servers say, not every spelling that RFC 9051 allows.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, ClassVar

from mailkit.widgets.bench_letter import Known, summary
from mailkit.widgets.bench_line import IMAPLine, Refusal
from mailkit.widgets.bench_program import MOST, Act, MailProgram, Result
from mailkit.wire.imap_names import from_utf7, to_utf7

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailkit.widgets.bench_line import Response

ARCHIVE = "Archive"
_NUMBERED = re.compile(rb"\* (\d+) (EXISTS|EXPUNGE|FETCH)\b(.*)", re.DOTALL)
_UID = re.compile(rb"[( ]UID (\d+)")
_FLAGS = re.compile(rb"[( ]FLAGS \(([^)]*)\)")
_VALIDITY = re.compile(rb"\[UIDVALIDITY (\d+)\]")
_LISTED = re.compile(rb'\* LIST \([^)]*\) \S+ (?:"((?:[^"\\]|\\.)*)"|(\S+))')
_HEADER = "BODY.PEEK[HEADER.FIELDS (FROM SUBJECT)]"


class Copy:
    """What is known of one folder: letters by UID, as long as its UIDVALIDITY stays (RFC 9051 §2.3.1.1)."""

    def __init__(self) -> None:
        self.validity = 0
        self.letters: dict[int, Known] = {}
        self.order: list[int | None] = []
        """The UID of each sequence number; None while it is not known."""


class IMAPProgram(MailProgram):
    """See `MailProgram`; letters are named by UIDs, which hold over sessions."""

    protocol = "IMAP4"
    acts: ClassVar[tuple[Act, ...]] = (
        Act("connect", "closed"),
        Act("noop"),
        Act("idle"),
        Act("download"),
        Act("quit"),
        Act("drop"),
        Act("read", "any", of_letter=True),
        Act("flag", of_letter=True),
        Act("delete", of_letter=True),
        Act("move", of_letter=True),
        Act("expunge"),
    )

    _line: IMAPLine | None

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self._copies: dict[str, Copy] = {"INBOX": Copy()}
        self._folders = ["INBOX"]
        self._idle_tag = ""
        self._changes = 0

    @property
    def letters(self) -> list[Known]:
        return list(self._copy.letters.values())

    @property
    def has_letters(self) -> bool:
        return bool(self._copy.letters)

    @property
    def folders(self) -> list[str]:
        return self._folders

    @property
    def validity(self) -> int:
        """The UIDVALIDITY that the letters' UIDs are of."""
        return self._copy.validity

    @property
    def _copy(self) -> Copy:
        return self._copies[self.folder]

    # -- asking

    def _ask(self, command: str) -> list[Response]:
        if self._line is None:
            raise AssertionError("an act that needs a line ran without one")
        self._stop_idling()
        responses = self._line.ask(command)
        self._take(responses)
        return responses

    def _take(self, responses: Iterable[Response]) -> None:
        for response in responses:
            if found := _NUMBERED.match(response.text):
                self._numbered(int(found[1]), found[2], found[3], response.literal)
            elif found := _VALIDITY.search(response.text):
                self._begin(int(found[1]))

    def _begin(self, validity: int) -> None:
        if validity != self._copy.validity:
            self._copy.validity, self._copy.letters = validity, {}

    def _numbered(self, number: int, kind: bytes, rest: bytes, literal: bytes) -> None:
        order = self._copy.order
        if kind == b"EXISTS":
            self._changes += number - len(order)
            order += [None] * (number - len(order))
        elif number > len(order):
            return
        elif kind == b"EXPUNGE":
            self._copy.letters.pop(order.pop(number - 1) or 0, None)
            self._changes += 1
        else:
            self._fetched(number, rest, literal)

    def _fetched(self, number: int, rest: bytes, literal: bytes) -> None:
        order, letters = self._copy.order, self._copy.letters
        if found := _UID.search(rest):
            order[number - 1] = int(found[1])
        uid = order[number - 1]
        if uid is None:
            return
        letter = letters.setdefault(uid, Known(str(uid)))
        if found := _FLAGS.search(rest):
            flags = frozenset(found[1].decode("latin-1").split()) - {"\\Recent"}
            self._changes += flags != letter.flags
            letter.flags = flags
        if b"BODY[HEADER" in rest:
            letter.summary = summary(literal)
        elif b"BODY[]" in rest:
            letter.content, letter.summary = literal, summary(literal)

    def _learn_new(self) -> None:
        """Ask who stands behind the numbers that are new, and what the newest are about."""
        order, letters = self._copy.order, self._copy.letters
        while (unknown := order.count(None)) and self.is_open:
            first = order.index(None) + 1
            self._ask("UID FETCH 1:* (FLAGS)" if first == 1 else f"FETCH {first}:* (UID FLAGS)")
            if order.count(None) >= unknown:  # they are gone again, and the server tells that later
                break
        self._copy.letters = {uid: letters[uid] for uid in order if uid in letters}
        self._learn_summaries([uid for uid in self._copy.letters if not any(letters[uid].summary)][-MOST:])

    def _learn_summaries(self, unknown: list[int]) -> None:
        if unknown:
            self._ask(f"UID FETCH {_set(unknown)} ({_HEADER})")

    # -- the session

    def do_connect(self, _: str) -> Result:
        """Call, TLS where it is offered, log in, see which folders there are, open the one that was open."""
        self._line = line = IMAPLine(self._host, self._server, self._port, self._lab.transcript)
        line.response()
        if not line.is_tls and any(b" STARTTLS" in response.text for response in line.ask("CAPABILITY")):
            line.ask("STARTTLS")
            line.begin_tls()
        line.ask(f'LOGIN "{self._user}" "{self._lab.password(self._user)}"')
        self._list_folders()
        return self.do_open(self.folder)

    def _list_folders(self) -> None:
        found = [match for response in self._ask('LIST "" *') if (match := _LISTED.match(response.text))]
        names = [_name(match[1] if match[1] is not None else match[2]) for match in found]
        self._folders = sorted(names, key=lambda name: (name != "INBOX", name)) or ["INBOX"]

    def do_open(self, name: str) -> Result:
        """SELECT a folder, and bring the copy of it up to date by UIDs; without a line, show the copy."""
        self.folder = name if name in self._folders or name in self._copies else "INBOX"
        copy = self._copies.setdefault(self.folder, Copy())
        if not self.is_open:
            return Result("copy opened", len(copy.letters))
        copy.order = []
        self._changes = 0
        self._ask(f"SELECT {_quoted(self.folder)}")
        copy.order = [None] * len(copy.order)
        kept = dict(copy.letters)
        self._learn_new()
        gone = len(kept.keys() - copy.letters.keys())
        return Result("synchronised" if kept else "connected", len(copy.letters), detail=str(gone))

    def do_noop(self, _: str) -> Result:
        """Ask for what is new (RFC 9051 §6.1.2)."""
        self._changes = 0
        self._ask("NOOP")
        return Result("told" if self._changes else "no news", self._changes)

    def do_idle(self, _: str) -> Result:
        """Wait for news until something else is to be done (RFC 2177); again: wait no more."""
        if self.is_idle:
            self._stop_idling()
            return Result("idle ended")
        self._start_idling()
        return Result("idle")

    def _start_idling(self) -> None:
        if self._line is None:
            return
        self._idle_tag = self._line.start("IDLE")
        self._await_plus()
        self.is_idle = True

    def _await_plus(self) -> None:
        assert self._line is not None
        while not (response := self._line.response()).text.startswith(b"+"):
            if response.text.startswith(self._idle_tag.encode()):
                raise Refusal(response.text.decode("utf-8", "replace"))
            self._take([response])

    def _stop_idling(self) -> None:
        if self.is_idle and self._line is not None:
            self.is_idle = False
            self._line.say(b"DONE")
            self._take(self._line.finish(self._idle_tag))

    def listen(self) -> int:
        """In IDLE: what was told meanwhile. For new letters it leaves IDLE, asks what they are, and waits again."""
        line = self._line
        if not self.is_idle or line is None or not line.has_news():
            return 0
        self._changes = 0
        while line.has_news():
            self._take([line.response()])
        changes = self._changes
        self.heard_at = self._lab.clock.now()
        if None in self._copy.order:
            self._learn_new()  # says DONE first
            self._start_idling()
        return changes

    def tidy(self) -> None:
        """Any answer may tell of letters that are new (RFC 9051 §7.4.1); in IDLE, `listen` sees to that."""
        if self.is_open and not self.is_idle:
            self._learn_new()

    def do_download(self, _: str) -> Result:
        r"""Copies of all that is not here yet, without setting \Seen."""
        wanted = [int(letter.key) for letter in self.letters if letter.content is None]
        if wanted:
            self._ask(f"UID FETCH {_set(wanted)} (BODY.PEEK[])")
        return Result("copied", len(wanted))

    def do_quit(self, _: str) -> Result:
        """LOGOUT; it removes nothing."""
        self._ask("LOGOUT")
        self._hang_up()
        return Result("logged out")

    # -- one letter

    def do_read(self, key: str) -> Result:
        r"""The whole letter, which sets \Seen; without a line, the copy."""
        letter = self._copy.letters[int(key)]
        if not self.is_open:
            return Result("read copy" if letter.content is not None else "not copied")
        if letter.content is None:
            self._ask(f"UID FETCH {key} (FLAGS BODY[])")
        else:
            self._ask(f"UID STORE {key} +FLAGS (\\Seen)")
        return Result("seen")

    def do_flag(self, key: str) -> Result:
        r"""\Flagged on or off."""
        on = "\\Flagged" not in self._copy.letters[int(key)].flags
        self._ask(f"UID STORE {key} {'+' if on else '-'}FLAGS (\\Flagged)")
        return Result("flagged" if on else "unflagged")

    def do_delete(self, key: str) -> Result:
        r"""\Deleted on or off: a mark (RFC 9051 §2.3.2)."""
        on = "\\Deleted" not in self._copy.letters[int(key)].flags
        self._ask(f"UID STORE {key} {'+' if on else '-'}FLAGS (\\Deleted)")
        return Result("deleted" if on else "undeleted", len(self._copy.order))

    def do_expunge(self, _: str) -> Result:
        r"""Remove what bears \Deleted, whoever marked it."""
        before = len(self._copy.order)
        self._ask("EXPUNGE")
        return Result("expunged", before - len(self._copy.order))

    def do_move(self, key: str) -> Result:
        """Into the archive, which is made when it is missing; from there, back into INBOX (RFC 6851)."""
        target = "INBOX" if self.folder != "INBOX" else ARCHIVE
        if target not in self._folders:
            with contextlib.suppress(Refusal):  # the other PC was quicker
                self._ask(f"CREATE {target}")
            self._list_folders()
        self._ask(f"UID MOVE {key} {target}")
        return Result("moved", detail=target)


def _set(uids: list[int]) -> str:
    """As short as a sequence set can be (RFC 9051 §9): neighbours as a range."""
    runs: list[list[int]] = []
    for uid in uids:
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(str(low) if low == high else f"{low}:{high}" for low, high in runs)


def _quoted(name: str) -> str:
    wire = to_utf7(name).decode("ascii")
    return wire if re.fullmatch(r"[A-Za-z0-9._-]+", wire) else '"' + re.sub(r'(["\\])', r"\\\1", wire) + '"'


def _name(wire: bytes) -> str:
    try:
        return from_utf7(re.sub(rb"\\(.)", rb"\1", wire))
    except ValueError:
        return wire.decode("utf-8", "replace")
