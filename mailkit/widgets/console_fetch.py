"""Follows a conversation in POP3 or IMAP4 from the client's side; see `console_talk.py`.

Must not know: sockets, sentences for people, pictures.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailkit.widgets.console_talk import CRLF, Answer, Legal, Talk, first_word
from mailkit.wire import imap_states, pop3_states

if TYPE_CHECKING:
    from mailkit.widgets.console_talk import First

CLOSED = "closed"
_AUTHORIZATION, _TRANSACTION = (state.value for state in pop3_states.State)
_OUTSIDE, _INSIDE, _SELECTED = (state.value for state in imap_states.State)

POP3_MOVES = {
    **{key: {_AUTHORIZATION: _TRANSACTION} for key in ("PASS", "APOP", "AUTH")},
    "QUIT": {_AUTHORIZATION: CLOSED, _TRANSACTION: CLOSED},
}
"""Where a command leads that the server accepts (RFC 1939 §3); all others stay."""
IMAP_MOVES = {
    **{key: {_OUTSIDE: _INSIDE} for key in ("LOGIN", "AUTHENTICATE")},
    **{key: {_INSIDE: _SELECTED, _SELECTED: _SELECTED} for key in ("SELECT", "EXAMINE")},
    **{key: {_SELECTED: _INSIDE} for key in ("CLOSE", "UNSELECT")},
    "LOGOUT": {_OUTSIDE: CLOSED, _INSIDE: CLOSED, _SELECTED: CLOSED},
}
"""Where a command leads that the server accepts (RFC 3501 §3); all others stay."""
_MANY_LINES = {"CAPA", "RETR", "TOP"}
_MANY_WITHOUT_NUMBER = {"LIST", "UIDL"}
_TIMESTAMP = re.compile(rb"<[^<>\s]+>")
_LITERAL = re.compile(rb"\{(\d{1,9})(\+?)\}\r?\n$")


class POP3Talk(Talk):
    """RFC 1939; the table is `pop3_states.LEGAL`."""

    protocol, closed = "POP3", CLOSED

    def __init__(self, port: int, *, is_tls: bool = False, address: str = "") -> None:
        super().__init__(port, _AUTHORIZATION, is_tls=is_tls)
        self._named = self._many_asked = self._within = self._offers_apop = False

    def client(self, line: bytes, end: bytes = CRLF) -> None:
        if self.wanted != "secret":
            self.verb = first_word(line)
            self._many_asked = self.verb in _MANY_LINES or (
                self.verb in _MANY_WITHOUT_NUMBER and len(line.split()) == 1
            )
        self.wanted, self.awaits_answer = "", True

    def server(self, raw: bytes) -> Answer:
        state = self.state
        if self._within:
            self.awaits_answer = self._within = raw != b".\r\n"
            return self._answer("", "", state)
        status = first_word(raw.rstrip(CRLF))
        if status == "+" and self.verb == "AUTH":
            self.wanted, self.awaits_answer = "secret", False
            return self._answer(status, "go on", state)
        if status not in ("+OK", "-ERR"):
            return self._answer("", "", state)
        if not self._greeted:
            self._offers_apop = bool(_TIMESTAMP.search(raw))  # nothing else tells (RFC 1939 §7)
        self._settled(status == "+OK")
        return self._answer(status, "" if status == "+OK" else "no", state)

    def _settled(self, good: bool) -> None:
        self._within = self.awaits_answer = good and self._many_asked
        self._named = (self._named or (good and self.verb == "USER")) and self.verb != "PASS"
        self.closing = self.verb == "QUIT" or not (self._greeted or good)
        self._greeted = True
        if good and self.verb == "STLS":
            self.wants_tls = True
        if good and not self.closing:
            self.state = POP3_MOVES.get(self.verb, {}).get(self.state, self.state)
            self.logged_in = self.state == _TRANSACTION

    def secured(self) -> None:
        super().secured()
        self._named = False  # RFC 2595 §4

    def legal(self) -> list[Legal]:
        if self.wanted or self.state == CLOSED:
            return []
        state = pop3_states.State(self.state)
        possible = [verb for verb, states in pop3_states.LEGAL.items() if state in states and self._may_be(verb)]
        return [Legal(verb, _pop3_fill(verb), self._first(verb)) for verb in possible]

    def _may_be(self, verb: str) -> bool:
        needs = pop3_states.NEEDS.get(verb, ())
        is_named = self._named or pop3_states.Condition.NAMED not in needs
        is_offered = self._offers_apop or pop3_states.Condition.APOP_OFFERED not in needs
        return is_named and is_offered and not (self.is_tls and pop3_states.Condition.CLEAR in needs)

    def _first(self, verb: str) -> First:
        private = pop3_states.Condition.PRIVATE in pop3_states.NEEDS.get(verb, ())
        return "tls" if private and not self.is_tls else ""


def _pop3_fill(verb: str) -> str:
    known = {"RETR": "RETR 1", "TOP": "TOP 1 0", "DELE": "DELE 1", "AUTH": "AUTH PLAIN"}
    return known.get(verb, f"{verb} " if verb in ("USER", "PASS", "APOP") else verb)


class IMAPTalk(Talk):
    """RFC 3501; the table is `imap_states.LEGAL`."""

    protocol, closed = "IMAP4", CLOSED

    def __init__(self, port: int, *, is_tls: bool = False, address: str = "") -> None:
        super().__init__(port, _OUTSIDE, is_tls=is_tls)
        self._tag = b""
        self._count = 0
        self._to_send = self._asked = self._to_hear = 0
        """Octets of a literal (RFC 3501 §4.3): we owe them now, once we are told to go on, the server owes them."""

    def client(self, line: bytes, end: bytes = CRLF) -> None:
        raw = line + end
        if self.wanted == "literal":
            taken = min(len(raw), self._to_send)
            self._to_send -= taken
            raw = raw[taken:]
            self.wanted = "literal" if self._to_send else "rest"
            if not raw:
                return
        elif not self.wanted:
            self._begin(line)
        self._sent(raw)

    def _begin(self, line: bytes) -> None:
        words = line.split(b" ")
        self._tag, self.verb = words[0], first_word(words[1]) if len(words) > 1 else ""
        self._count += 1

    def _sent(self, raw: bytes) -> None:
        found = _LITERAL.search(raw)
        self.wanted, self.awaits_answer = "", True
        if found and found[2]:  # unasked for (RFC 7888)
            self._to_send, self.wanted, self.awaits_answer = int(found[1]), "literal", False
        self._asked = int(found[1]) if found and not found[2] else 0

    def server(self, raw: bytes) -> Answer:
        state = self.state
        if self._to_hear:
            self._to_hear -= min(len(raw), self._to_hear)
            if self._to_hear or not (found := _LITERAL.search(raw)):
                return self._answer("", "", state)
            self._to_hear = int(found[1])
            return self._answer("", "", state)
        words = raw.rstrip(CRLF).split(b" ")
        if raw.startswith(b"+"):
            self._go_on()
            return self._answer("+", "go on", state)
        if found := _LITERAL.search(raw):
            self._to_hear = int(found[1])
        return self._settled(words[0], first_word(words[1]) if len(words) > 1 else "")

    def _go_on(self) -> None:
        self.awaits_answer = False
        if self._asked:
            self._to_send, self._asked, self.wanted = self._asked, 0, "literal"
        else:
            self.wanted = "idle" if self.verb == "IDLE" else "secret"

    def _settled(self, tag: bytes, status: str) -> Answer:
        state, greeting = self.state, not self._count
        self.closing = self.closing or status == "BYE"
        final = greeting or tag == self._tag or (tag == b"*" and status == "BAD")
        if not final or status not in ("OK", "NO", "BAD", "PREAUTH", "BYE"):
            return self._answer(status if status == "BYE" else "", "", state)
        self.awaits_answer, self.wanted, self._asked = False, "", 0
        if status == "OK" and self.verb == "STARTTLS":
            self.wants_tls = True
        elif status == "PREAUTH":
            self.state = _INSIDE
        elif status == "OK" and self.verb != "LOGOUT":
            self.state = IMAP_MOVES.get(self.verb, {}).get(self.state, self.state)
        elif status == "NO" and self.verb in ("SELECT", "EXAMINE") and state == _SELECTED:
            self.state = _INSIDE  # RFC 3501 §6.3.1
        self.logged_in = self.state != _OUTSIDE
        return self._answer(status, "no" if status in ("NO", "BAD") else "", state)

    def legal(self) -> list[Legal]:
        if self.wanted == "idle":
            return [Legal("DONE", "DONE")]
        if self.wanted or self.state == CLOSED:
            return []
        state = imap_states.State(self.state)
        possible = [verb for verb, states in imap_states.LEGAL.items() if state in states and self._may_be(verb)]
        return [Legal(verb, self._fill(verb), self._first(verb)) for verb in possible]

    def _may_be(self, verb: str) -> bool:
        return not (self.is_tls and imap_states.Condition.CLEAR in imap_states.NEEDS.get(verb, ()))

    def _first(self, verb: str) -> First:
        private = imap_states.Condition.PRIVATE in imap_states.NEEDS.get(verb, ())
        return "tls" if private and not self.is_tls else ""

    def _fill(self, verb: str) -> str:
        rest = {
            "SELECT": " INBOX", "EXAMINE": " INBOX", "LIST": ' "" "*"', "LSUB": ' "" "*"', "FETCH": " 1 (FLAGS BODY[])",
            "STATUS": " INBOX (MESSAGES UNSEEN)", "SEARCH": " ALL", "STORE": r" 1 +FLAGS (\Seen)", "ID": " NIL",
            "AUTHENTICATE": " PLAIN", "SORT": " (DATE) UTF-8 ALL", "UID": " FETCH 1:* (FLAGS)",
        }  # fmt: skip
        takes_more = {"LOGIN", "CREATE", "DELETE", "RENAME", "SUBSCRIBE", "UNSUBSCRIBE", "APPEND"}
        more = rest.get(verb, " " if verb in takes_more | {"ENABLE", "COPY", "MOVE"} else "")
        return f"a{self._count + 1} {verb}{more}"
