"""What befalls each command of one conversation, and the record of it: faults asked, recipients remembered.

Must not know: bytes on their way, who holds them back (`gate.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.server.disturber import UNDISTURBED, Plan, path_of
from mailkit.server.middle import TLS_VERBS, refusal, without_tls
from mailkit.server.turns import Command

if TYPE_CHECKING:
    from mailkit.server.disturber import Disturber
    from mailkit.server.verbs import Service
    from mailkit.trace.transcript import Disturbance, Flow


class Fate:
    """Asked at each command, told of each reply."""

    def __init__(self, disturber: Disturber, flow: Flow, service: Service) -> None:
        self._disturber, self._flow, self._service = disturber, flow, service
        self._recipients: list[str] = []
        self._at_end = UNDISTURBED

    @property
    def is_open(self) -> bool:
        """Whether anything may go wrong now."""
        return self._disturber.is_active

    def of(self, command: Command) -> Plan:
        """What happens to it."""
        if command.verb == ".":
            plan, self._at_end = self._at_end, UNDISTURBED
            return plan
        plan = self._disturber.at(self._flow, self._service, command, self._recipients)
        if command.verb == "DATA" and not plan.end and self._recipients:
            # Decided before the content comes: a server that has said 354 could not be stopped any more.
            self._at_end = self._disturber.at(self._flow, self._service, Command("."), self._recipients)
        if command.verb == "CONNECT":  # a server greets at once: only its greeting can wait
            plan = plan._replace(wait=0.0, keep_reply=plan.wait + plan.keep_reply)
        return plan

    def refuses_content(self, command: Command) -> bool:
        """Whether the letter that this command announces will be refused at its end."""
        return command.verb == "DATA" and hasattr(self._at_end.end, "reply")

    def learn(self, command: Command, reply: bytes) -> bool:
        """Whom a letter is for; and whether what else was sent in clear is void, since TLS begins (RFC 3207 §4.2)."""
        if command.verb == "RCPT" and reply.startswith(b"2"):
            self._recipients.append(path_of(command))
        elif command.verb in ("MAIL", "RSET", "EHLO", "HELO", "."):
            self.forget_letter()
        return command.verb in TLS_VERBS and (reply.startswith((b"2", b"+OK")) or b" OK " in reply)

    def forget_letter(self) -> None:
        """There is no letter on its way any more."""
        self._recipients.clear()

    def as_said(self, reply: str, command: Command) -> bytes:
        """A refusal as the server would say it: in IMAP4 with the command's tag (RFC 9051 §7.1)."""
        tag = "" if self._service != "IMAP4" else "* " if reply.startswith("BYE") else f"{command.tag or '*'} "
        return f"{tag}{reply}\r\n".encode("latin-1")

    # -- the man in the middle, who takes TLS away

    def edits_reply(self, plan: Plan) -> bool:
        """Whether a reply has to be whole before it may go on."""
        return bool(plan.keep_reply or plan.lose_reply or self._disturber.middle(self._flow))

    def refusal(self, command: Command) -> bytes:
        """What he says to the client instead of asking the server; nothing where he lets it pass."""
        middle = self._disturber.middle(self._flow) if command.verb in TLS_VERBS else None
        if middle is None:
            return b""
        reply = refusal(self._service, command)
        what = _("{by}, in the middle, keeps {verb} from the server and answers himself")
        self._disturber.record(self._flow, "strip", what.format(by=middle.by, verb=command.verb), middle.by, reply)
        return reply

    def edited(self, command: Command, reply: bytes) -> bytes:
        """The reply as he passes it on."""
        middle = self._disturber.middle(self._flow)
        stripped = without_tls(self._service, command, reply) if middle else reply
        if middle and stripped != reply:
            what = _("{by}, in the middle, passes this reply on without the offer of TLS")
            self._disturber.record(self._flow, "strip", what.format(by=middle.by), middle.by, stripped)
        return stripped

    # -- the record

    def note(self, kind: Disturbance, what: str, command: Command, **values: float) -> None:
        """Write down what came to pass at a command; `what` is a sentence with places for `verb` and the values."""
        verb = {"CONNECT": _("the call"), ".": _("the end of the letter")}.get(command.verb, command.verb)
        self._disturber.record(self._flow, kind, what.format(verb=verb, **values))
