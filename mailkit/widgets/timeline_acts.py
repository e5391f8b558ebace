"""What a learner does to a lab from the timeline: switch, send, fetch, let time pass, plan a switching.

Must not know: widgets, pictures. Nothing is played: each act is the lab's own.
"""

from __future__ import annotations

import imaplib
import smtplib
from email.message import EmailMessage
from typing import TYPE_CHECKING, NamedTuple

from mailkit.locale import _
from mailkit.widgets.flow_words import harmless

if TYPE_CHECKING:
    from mailkit.lab.lab import Lab
    from mailkit.lab.topology import MailServer, User

TIMEOUT = 10.0
"""Seconds on the lab's clock that a mail program waits."""


class Plan(NamedTuple):
    """A machine (or "", the firewall) is to be switched at a time on the lab's clock."""

    at: float
    host: str
    on: bool


class Driver:
    """Acts on one lab. `problem` is the sentence for what the last act could not do, or ""."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.problem = ""
        self.plans: list[Plan] = []
        self._sent = 0

    # -- who there is

    @property
    def sender(self) -> tuple[str, User, MailServer] | None:
        """PC, user and server of the first user who has a PC and a server that takes mail from him."""
        for server in self.lab.topology.servers:
            for user in server.users:
                if 587 in server.ports and (pcs := [name for name in self._machines(user) if name != server.host]):
                    return pcs[0], user, server
        return None

    def recipients(self) -> list[str]:
        """Everybody with a mailbox but the sender."""
        sender = self.sender
        return [u.address for u in self.lab.topology.users() if sender is None or u.address != sender[1].address]

    def boxes(self, host: str) -> list[tuple[User, MailServer]]:
        """The mailboxes that a PC fetches from: those of its user on other machines, where IMAP is offered."""
        return [
            (user, server)
            for server in self.lab.topology.servers
            for user in server.users
            if server.host != host and 143 in server.ports and host in self._machines(user)
        ]

    def _machines(self, user: User) -> list[str]:
        """PCs are called after their user, as the course's worlds have it: yamada-pc, goto-mobile."""
        name = user.address.partition("@")[0]
        return [host.name for host in self.lab.topology.hosts if host.name.startswith(f"{name}-")]

    # -- acts

    def switch(self, host: str, *, on: bool) -> None:
        """A machine, or "": the firewall."""
        self.problem = ""
        if not host:
            self.lab.switch_firewall(on=on)
        else:
            (self.lab.switch_on if on else self.lab.switch_off)(host)
        self.lab.advance(seconds=0)  # whoever was waiting for the power tries at once

    def plan(self, host: str, *, on: bool, seconds: float) -> None:
        """Switch it later, when the clock gets there by `advance`."""
        self.plans = sorted([*self.plans, Plan(self.lab.clock.seconds() + seconds, host, on)])

    def advance(self, seconds: float) -> None:
        """Let time pass on the lab's clock, with all that falls due and all that is planned on the way."""
        self.problem = ""
        until = self.lab.clock.seconds() + seconds
        while self.plans and self.plans[0].at <= until:
            plan = self.plans.pop(0)
            self._pass(plan.at)
            self.switch(plan.host, on=plan.on)
        self._pass(until)

    def _pass(self, until: float) -> None:
        self.lab.advance(seconds=max(0.0, until - self.lab.clock.seconds()))

    def send(self, to: str) -> None:
        """The sender's PC hands a letter in; the server begins at once to carry it on."""
        self.problem = ""
        sender = self.sender
        if sender is None:
            self.problem = _("Nobody in this world has a PC to send from.")
            return
        try:
            self._hand_in(*sender, to)
        except (smtplib.SMTPException, OSError) as error:
            self.problem = _("The letter could not be handed in: {error}").format(error=harmless(str(error)))
        self.lab.advance(seconds=0)

    def _hand_in(self, pc: str, user: User, server: MailServer, to: str) -> None:
        self._sent += 1
        letter = EmailMessage()
        letter["From"], letter["To"] = user.address, to
        letter["Subject"] = _("Letter {number}").format(number=self._sent)
        letter.set_content(_("Are you there?") + "\n")
        with self.lab.host(pc).smtp(server.hostname, 587, timeout=TIMEOUT) as smtp:
            smtp.ehlo()
            if smtp.has_extn("starttls"):
                smtp.starttls(context=self.lab.tls_context())
                smtp.ehlo()
            smtp.login(user.address, self.lab.password(user.address))
            smtp.send_message(letter, user.address, [to])

    def fetch(self, host: str) -> None:
        """A PC asks for the mail of its user."""
        self.problem = ""
        for user, server in self.boxes(host):
            try:
                self._fetch(host, user, server)
            except (imaplib.IMAP4.error, OSError) as error:
                self.problem = _("No mail was fetched: {error}").format(error=harmless(str(error)))
        self.lab.advance(seconds=0)

    def _fetch(self, host: str, user: User, server: MailServer) -> None:
        with self.lab.host(host).imap(server.hostname, 143, TIMEOUT) as imap:
            if "STARTTLS" in imap.capabilities:
                imap.starttls(self.lab.tls_context())
            imap.login(user.address, self.lab.password(user.address))
            _state, data = imap.select(readonly=True)
            if data and data[0] and int(data[0]):
                imap.fetch("1:*", "(BODY.PEEK[])")
