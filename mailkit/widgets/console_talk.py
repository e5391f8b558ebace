"""Follows a conversation from the client's side: whose turn it is, the state reached, what is legal in it.

What the server says is read by codes and status words alone; their texts may say anything. The states and the legal
commands are the engines' own tables. Must not know: sockets, sentences for people, pictures.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from mailkit.server.smtp_states import COMMANDS

First = Literal["", "tls", "login"]
"""What has to come before a command that the state allows: nothing, TLS, a login."""
Wanted = Literal["", "content", "secret", "literal", "rest", "idle"]
"""What the server takes the next line for, when it takes it for no command."""
Kind = Literal["", "go on", "wait", "no"]
"""What a reply says: done or part of an answer, go on, not now, refused."""
CRLF = b"\r\n"


class Legal(NamedTuple):
    """A command that the state allows; `fill` is how its line may begin."""

    verb: str
    fill: str
    first: First = ""


class Answer(NamedTuple):
    """What one line of the server was: `status` is its code or status word, "" within a longer answer."""

    status: str
    kind: Kind
    verb: str
    """The command that it answers; "" is the call itself."""
    state: str
    """The state in which that command was judged."""


class Talk:
    """One conversation. Tell it every line that goes either way, in order."""

    protocol: str
    closed: str
    """The name of the state after the end."""

    def __init__(self, port: int, state: str, *, is_tls: bool) -> None:
        self.port, self.state, self.is_tls = port, state, is_tls
        self.verb = ""
        self.wanted: Wanted = ""
        self.awaits_answer = True
        self.logged_in = self.wants_tls = self.closing = False
        self._greeted = False

    def client(self, line: bytes, end: bytes = CRLF) -> None:
        """The client has said `line`, ended by `end`."""
        raise NotImplementedError

    def server(self, raw: bytes) -> Answer:
        """The server has said one line, its end included."""
        raise NotImplementedError

    def legal(self) -> list[Legal]:
        """What may be said now, by the tables; nothing when a command is not what the server waits for."""
        raise NotImplementedError

    def secured(self) -> None:
        """TLS is on: the server has forgotten what it heard before."""
        self.is_tls, self.wants_tls = True, False

    def ended(self) -> None:
        """The connection is gone."""
        self.state, self.wanted = self.closed, ""
        self.awaits_answer = self.closing = self.wants_tls = False

    def _answer(self, status: str, kind: Kind, state: str) -> Answer:
        return Answer(status, kind, self.verb, state)


def first_word(line: bytes) -> str:
    """The command's name in capitals, as far as it can be one."""
    return (line.split(b" ")[0][:20]).decode("latin-1").upper()


class SMTPTalk(Talk):
    """RFC 5321 §4.1.4; the table is `smtp_states.COMMANDS`."""

    protocol, closed = "SMTP", "closed"

    def __init__(self, port: int, *, is_tls: bool = False, address: str = "") -> None:
        super().__init__(port, "connected", is_tls=is_tls)
        self._address = address
        self._not_offered: set[str] = set()
        self._announced: set[str] = set()
        """Keywords of the last EHLO (RFC 5321 §4.1.1.1); the first line of its reply has none."""
        self._hello_lines = 0

    def client(self, line: bytes, end: bytes = CRLF) -> None:
        if self.wanted == "content":
            if (line, end) != (b".", CRLF):  # a dot before a bare LF ends nothing (RFC 5321 §4.1.1.4)
                return
            self.verb = "."
        elif self.wanted != "secret":
            self.verb = first_word(line)
            self._hello_lines = 0
        self.wanted, self.awaits_answer = "", True

    def server(self, raw: bytes) -> Answer:
        code, state = raw[:3].decode("latin-1"), self.state
        if self.verb in ("EHLO", "HELO") and code == "250":
            self._announce(raw)
        if raw[3:4] == b"-" or not code.isdigit():
            return self._answer("", "", state)
        self.awaits_answer = False
        self._move(code)
        kind: Kind = {"3": "go on", "4": "wait", "5": "no"}.get(code[0], "")  # type: ignore[assignment]
        return self._answer(code, kind, state)

    def _announce(self, raw: bytes) -> None:
        if not self._hello_lines:
            self._announced = set()
        elif self.verb == "EHLO":
            self._announced.add(first_word(raw[4:].rstrip(CRLF)))
        self._hello_lines += 1

    def _move(self, code: str) -> None:
        self.closing = code in ("421", "221") or (not self._greeted and code[0] in "45")
        self._greeted = True
        if code == "502":
            self._not_offered.add(self.verb)
        if code == "334" and self.verb == "AUTH":
            self.wanted = "secret"
        elif code == "354" and self.verb == "DATA":
            self.wanted, self.state = "content", COMMANDS["DATA"].moves["recipients"]
        elif self.verb == "." or (code[0] == "2" and self.verb in COMMANDS):
            self._accepted()

    def _accepted(self) -> None:
        # Whatever is said after the content, that letter is over.
        moved = COMMANDS[self.verb].moves.get(self.state, self.state)  # type: ignore[call-overload]
        self.wants_tls = self.verb == "STARTTLS"
        self.logged_in = self.logged_in or self.verb == "AUTH"
        if not self.closing and not self.wants_tls:
            self.state = moved

    def secured(self) -> None:
        super().secured()
        self.state, self.logged_in = "connected", False  # RFC 3207 §4.2
        self._not_offered.clear()
        self._announced.clear()

    def legal(self) -> list[Legal]:
        if self.wanted or self.state == self.closed:
            return [Legal(".", ".")] if self.wanted == "content" else []
        possible = (verb for verb, command in COMMANDS.items() if self.state in command.moves)
        return [Legal(verb, self._fill(verb), self._first(verb)) for verb in possible if self._may_be(verb)]

    def _may_be(self, verb: str) -> bool:
        if verb == "AUTH":
            # At port 25 nobody logs in, so that TLS would bring no AUTH.
            possible = verb in self._announced or (self._may_get_tls and self.port != 25)
            return possible and not self.logged_in and verb not in self._not_offered
        return verb not in self._not_offered and (verb != "STARTTLS" or self._may_get_tls)

    @property
    def _may_get_tls(self) -> bool:
        return "STARTTLS" in self._announced and not self.is_tls

    def _first(self, verb: str) -> First:
        if verb == "AUTH":
            return "" if verb in self._announced else "tls"
        if self.port == 25 or self.logged_in:
            return ""
        return "login" if COMMANDS[verb].needs_login else ""

    def _fill(self, verb: str) -> str:
        if verb in ("EHLO", "HELO"):
            return f"{verb} [{self._address}]"
        known = {"MAIL": "MAIL FROM:<>", "RCPT": "RCPT TO:<>", "AUTH": "AUTH PLAIN "}
        return known.get(verb, f"{verb} " if COMMANDS[verb].argument == "required" else verb)
