"""The gate between one server protocol and its line, at plaintext: here faults hold back, answer, hang up.

It stands inside TLS, so that it sees commands there too. While a fault may strike, commands are handed on one at a
time, so that each reply belongs to a known command; otherwise the gate only passes on. Must not know: which faults
there are and whom they strike (`fate.py`), where a command ends (`turns.py`).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from mailkit.locale import _
from mailkit.server.disturber import UNDISTURBED, Plan
from mailkit.server.fate import Fate
from mailkit.server.gate_transport import GateTransport
from mailkit.server.turns import Command, turns
from mailkit.trace.dialogue import service

HIGH_WATER = 256 * 1024
"""Octets of a client in a hurry that may wait here before it has to; more than any line that `turns` keeps."""

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.server.disturber import Disturber
    from mailkit.server.engine_server import Tap
    from mailkit.server.gate_transport import Impostor
    from mailkit.server.verbs import Service
    from mailkit.trace.transcript import Disturbance, Flow, Party


class Gate:
    """For one conversation. `feed`, set by the protocol behind it, is where the client's bytes go on."""

    feed: Callable[[bytes], None]

    def __init__(self, disturber: Disturber, flow: Flow, tap: Tap, impostor: Impostor) -> None:
        self._record_said, self._impostor = tap, impostor
        protocol = cast("Service", service(flow.port))
        self._fate = Fate(disturber, flow, protocol)
        self._line: GateTransport | None = None
        self._is_following = self._fate.is_open
        self._turns = turns(protocol)
        self._last = b""
        """What the server said last while nobody followed."""
        self._heard, self._held, self._early = bytearray(), bytearray(), bytearray()
        self._plan = UNDISTURBED
        self._timer: asyncio.TimerHandle | None = None
        self._keeps_reply = self._is_silent = self._is_over = self._is_advancing = self._is_choked = False
        self._sink: Callable[[bytes], None] = lambda data: self.feed(data)

    def join_late(self, line: GateTransport, last: bytes) -> None:
        """Take over a conversation that went on without a gate; `last` is what the server said last on `line`."""
        self._line, self._last, self._is_following = line, last, False

    # -- the hooks of the protocol behind the gate

    def tap(self, by: Party, data: bytes, encrypted: bool) -> None:
        """What is said, as the server knows of it; once commands are told apart, the gate hears the client itself."""
        if not self._is_silent and not self._is_over and not (self._is_following and by == "C"):
            self._record_said(by, data, encrypted)

    def carry(self, transport: asyncio.BaseTransport) -> asyncio.Transport:
        """The transport to be written to instead of this one; a second one is TLS."""
        is_first = self._line is None
        self._line = GateTransport(self.say, cast(asyncio.Transport, transport), self._impostor)
        if self._is_over:  # cut while the line was still being laid
            self._line.abort()
        elif is_first and self._is_following:
            self._begin(Command("CONNECT"), b"")
        elif not is_first:
            self._heard.clear()
            self._fate.forget_letter()
            if self._early:  # once the server, which is about to learn of TLS, knows of it
                asyncio.get_running_loop().call_soon(self._hear_early)
        return self._line

    def hear(self, data: bytes) -> None:
        """Bytes from the client."""
        if self._is_over:
            return
        if self._transport.is_below_tls or self._early:  # said under TLS before its server knows of TLS
            self._early += data
        elif self._follows():
            self._heard += data
            self._advance()
        else:
            self.feed(data)

    def _hear_early(self) -> None:
        data = bytes(self._early)
        self._early.clear()
        self.hear(data)

    def choke(self, is_choked: bool) -> None:
        """Whether the client leaves replies unread: then it is heard no further, since each answer would pile up."""
        self._is_choked = is_choked
        if not is_choked:
            self._advance()

    def hear_eof(self) -> None:
        """The client says no more: what waits at the gate goes on as it is."""
        if self._early and not self._transport.is_below_tls:
            self._hear_early()
        rest = bytes(self._heard)
        self._heard.clear()
        if not self._is_over:
            self._pass(rest)

    def lost(self) -> None:
        """The connection is gone; what the client said last was said, though nobody got it."""
        self._is_over = True
        self._said("C", bytes(self._heard))
        self._heard.clear()
        if self._timer:
            self._timer.cancel()

    def cut(self) -> None:
        """One of the two ends has lost its power."""
        self._is_over = True
        if self._line is not None:
            self._line.abort()

    def say(self, line: GateTransport, data: bytes) -> None:
        """Bytes from the server, on the way to `line`."""
        if self._is_over:
            return
        if not self._is_following:
            self._last = data
            line.send(data)
        elif self._keeps_reply:
            self._held += data
        elif self._is_silent:
            self._is_silent = not self._turns.reply(data)
            self._advance()
        else:
            self._hold(line, data)

    # -- towards the server

    def _follows(self) -> bool:
        """Whether commands have to be told apart; starts and ends that between two commands."""
        if self._fate.is_open and not self._is_following:
            self._is_following = True
            self._turns.joined_late(self._last)
        elif not self._fate.is_open and self._turns.mode == "command" and not self._heard:
            self._is_following, self._last = False, b""
        return self._is_following

    def _advance(self) -> None:
        """Hand on what may go; a reply that comes at once, from inside, does not do so twice."""
        if self._is_advancing:
            return
        self._is_advancing = True
        try:
            while self._heard and self._timer is None and not (self._is_over or self._is_choked):
                piece, command = self._turns.cut(self._heard)
                if not piece:
                    break
                if command:
                    self._begin(command, piece)
                else:
                    self._pass(piece)
        finally:
            self._is_advancing = False
        self._pace()

    def _pace(self) -> None:
        """Let the client wait while more of it is here than need be: a fault is no reason to fill the memory."""
        if self._line and not self._is_over:
            self._line.hold_back(len(self._heard) > HIGH_WATER)

    def _pass(self, piece: bytes) -> None:
        if piece:
            self._said("C", piece)
            self._sink(piece)

    def _begin(self, command: Command, piece: bytes) -> None:
        self._said("C", piece)
        if refusal := self._fate.refusal(command):
            self._transport.send(refusal)
            self._turns.reply(refusal)
            return
        plan = self._fate.of(command)
        if plan.wait:
            self._note_delay(plan.wait, _("the server takes {seconds:g} s before it acts on {verb}"), command)
            self._later(plan.wait, lambda: self._carry_out(plan, command, piece))
        else:
            self._carry_out(plan, command, piece)

    def _carry_out(self, plan: Plan, command: Command, piece: bytes) -> None:
        reply = getattr(plan.end, "reply", None)
        if reply is not None:
            self._answer(reply, command)
        elif plan.end:
            self._hang_up(_("the connection ends at {verb}, which the server never gets"), command)
        elif self._fate.refuses_content(command):
            self._take_content()
        else:
            self._plan = plan
            if command.verb != ".":
                self._sink = self.feed
            if piece:
                self._sink(piece)

    def _answer(self, reply: str, command: Command) -> None:
        """Refuse in the server's place."""
        self._fate.note("answer", _("the server refuses {verb}, and has done nothing"), command)
        self._reply(self._fate.as_said(reply, command))
        if command.verb == "CONNECT" or reply.startswith(("421", "BYE")):
            self._is_over = True
            self._transport.close()
        elif command.verb == ".":
            # The server still knows sender and recipients; a refused letter leaves nothing (RFC 5321 §4.1.1.4).
            self._is_silent, self._turns.mode = True, "wait"
            self._sink = self.feed
            self.feed(b"RSET\r\n")
            self._fate.forget_letter()
        else:
            self._sink = _nowhere

    def _take_content(self) -> None:
        """Ask for a letter in the server's place, since it will be refused."""
        self._reply(b"354 go on, end with <CR><LF>.<CR><LF>\r\n")
        self._sink = _nowhere

    # -- towards the client

    def _hold(self, line: GateTransport, data: bytes) -> None:
        """Pass on what the server says, or keep it until its reply is complete where that reply is to be touched."""
        done = self._turns.reply(data)
        self._held += data
        if done:
            plan, self._plan = self._plan, UNDISTURBED
            command = self._turns.command
            if self._fate.learn(command, bytes(self._held)):
                self._heard.clear()
                self._pace()
            if plan.keep_reply:
                self._keeps_reply = True
                what = _("the server has acted on {verb}; its reply waits {seconds:g} s")
                self._note_delay(plan.keep_reply, what, command)
                self._later(plan.keep_reply, lambda: self._let_go(line, plan, command))
            else:
                self._let_go(line, plan, command)
        elif not (self._turns.mode == "wait" and self._fate.edits_reply(self._plan)):
            self._send(line)

    def _let_go(self, line: GateTransport, plan: Plan, command: Command) -> None:
        self._keeps_reply = False
        if plan.lose_reply:
            what = _("the connection ends: the server has acted on {verb}, but its reply is lost")
            self._hang_up(what, command, "lost reply")
            return
        self._held[:] = self._fate.edited(command, bytes(self._held))
        self._send(line)
        self._advance()

    def _send(self, line: GateTransport) -> None:
        data = bytes(self._held)
        self._held.clear()
        line.send(data)

    # -- what the gate does itself

    @property
    def _transport(self) -> GateTransport:
        assert self._line is not None, "the gate has no line yet"
        return self._line

    def _said(self, by: Party, data: bytes) -> None:
        if data:
            self._record_said(by, data, self._transport.get_extra_info("sslcontext") is not None)

    def _reply(self, data: bytes) -> None:
        self._said("S", data)
        self._transport.send(data)
        self._turns.reply(data)

    def _note_delay(self, seconds: float, what: str, command: Command) -> None:
        self._fate.note("delay", what, command, seconds=seconds)

    def _later(self, seconds: float, then: Callable[[], None]) -> None:
        def go_on() -> None:
            self._timer = None
            then()
            self._advance()

        self._timer = asyncio.get_running_loop().call_later(seconds, go_on)

    def _hang_up(self, what: str, command: Command, kind: Disturbance = "hang-up") -> None:
        self._fate.note(kind, what, command)
        self._is_over = True
        self._transport.abort()


def _nowhere(piece: bytes) -> None:
    """Where what the server shall not get goes."""
