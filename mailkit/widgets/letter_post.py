"""A letter as somebody writes it, envelope and header apart, and the one act of handing it in from his PC.

Must not know: what is shown of it. Nothing here decides or repairs: what is written goes to the server as it is.
"""

from __future__ import annotations

import re
from email.header import Header
from email.utils import format_datetime
from typing import TYPE_CHECKING, NamedTuple

from mailkit.locale import _

if TYPE_CHECKING:
    import smtplib
    from datetime import datetime

    from mailkit.lab.lab import Lab
    from mailkit.lab.topology import MailServer, Topology

CRLF = "\r\n"
LONGEST = 20_000
"""Characters that are taken of a field or a body."""
MOST_RECIPIENTS = 50
_PORTS = (587, 465, 25)
_BEYOND_ASCII = re.compile(r"(?:\S*[^\x00-\x7f]\S*)(?:[ ]+\S*[^\x00-\x7f]\S*)*")


class Draft(NamedTuple):
    """`mail_from` and `rcpt_to` go on the envelope, all else into the letter; an empty field is left out of it."""

    mail_from: str
    rcpt_to: tuple[str, ...]
    from_: str
    to: str
    bcc: str
    subject: str
    body: str

    def content(self, message_id: str, at: datetime) -> bytes:
        """The letter: header, empty line, body (RFC 5322 §2.1)."""
        fields = {
            "Date": format_datetime(at),
            "From": self.from_,
            "To": self.to,
            "Bcc": self.bcc,
            "Subject": self.subject,
            "Message-ID": message_id,
        }
        if not self.body.isascii():
            fields |= {"Content-Type": "text/plain; charset=utf-8", "Content-Transfer-Encoding": "8bit"}
        header = [f"{name}: {_encoded(value)}" for name, value in fields.items() if value]
        lines = [*header, "", *self.body.splitlines()]
        return (CRLF.join(lines) + CRLF).encode("utf-8", "replace")


def tidied(draft: Draft) -> Draft:
    """Cut to what is bearable, each field in one line: whoever writes a line end into one begins no new field."""
    one_line = {name: " ".join(_whole(getattr(draft, name)).split()) for name in ("mail_from", "from_", "to", "bcc")}
    paths = (_whole(path).strip().strip("<>") for path in draft.rcpt_to[:MOST_RECIPIENTS])
    recipients = tuple(dict.fromkeys("".join(path.split()) for path in paths if path))
    subject = " ".join(_whole(draft.subject).split())
    return draft._replace(**one_line, rcpt_to=recipients, subject=subject, body=_whole(draft.body))


def _whole(text: str) -> str:
    """Not too long, and without half characters, which no encoding can carry."""
    return text[:LONGEST].encode("utf-8", "replace").decode()


def _encoded(value: str) -> str:
    """Words beyond ASCII as encoded words (RFC 2047 §2), the rest as it is."""
    return _BEYOND_ASCII.sub(lambda found: Header(found[0], "utf-8").encode(linesep=CRLF), value)


def first_draft(topology: Topology, sender: str) -> Draft:
    """A letter from `sender` to somebody else of this world, or to himself in a world of one."""
    others = [user for user in topology.users() if user.address != sender] or topology.users()
    reader = others[0]
    author = next((user for user in topology.users() if user.address == sender), reader)
    return Draft(
        mail_from=sender,
        rcpt_to=(reader.address,),
        from_=_named(author.name, sender),
        to=_named(reader.name, reader.address),
        bcc="",
        subject="Friday's meeting",
        body="Shall we meet at ten?\n\nRegards",
    )


def _named(name: str, address: str) -> str:
    return f"{name} <{address}>" if name else address


class Counter:
    """Where a sender hands letters in: his PC, his server, the port there."""

    def __init__(self, lab: Lab, sender: str, host: str = "") -> None:
        lab.password(sender)  # says who there is, when there is no such sender
        self._lab, self.sender = lab, sender
        self.server = _server_of(lab.topology, sender)
        self.host = _pc_of(lab.topology, self.server, sender, host)
        self.port = next((port for port in _PORTS if port in self.server.ports), 25)

    def hand_in(self, draft: Draft) -> None:
        """One conversation. What a server refuses stands in the transcript; OSError when there is no talking to it."""
        lab = self._lab
        number = len(lab.transcript.flows()) + 1
        content = draft.content(f"<letter-{number}@{self.host}>", lab.clock.now())
        with lab.host(self.host).smtp(self.server.hostname, self.port) as client:
            self._log_in(client)
            options = [] if content.isascii() else ["BODY=8BITMIME"]
            if not all(path.isascii() for path in (draft.mail_from, *draft.rcpt_to)):
                options.append("SMTPUTF8")
            if client.mail(draft.mail_from, options)[0] != 250:
                return
            accepted = [path for path in draft.rcpt_to if client.rcpt(path)[0] == 250]
            if accepted:
                client.data(content)

    def _log_in(self, client: smtplib.SMTP) -> None:
        client.ehlo()
        if client.has_extn("starttls"):
            client.starttls(context=self._lab.tls_context())
            client.ehlo()
        if client.has_extn("auth"):
            client.login(self.sender, self._lab.password(self.sender))


def _server_of(topology: Topology, sender: str) -> MailServer:
    return next(server for server in topology.servers if sender in [user.address for user in server.users])


def _pc_of(topology: Topology, server: MailServer, sender: str, host: str) -> str:
    """`host` if one is named; else the PC called after the sender, or some PC of his server's zone."""
    servers = {one.host for one in topology.servers}
    pcs = [one for one in topology.hosts if one.name not in servers]
    names = [one.name for one in pcs]
    if host or not pcs:
        if host not in names:
            sentence = _("no PC {host!r} to send from; there are: {known}.")
            raise ValueError(sentence.format(host=host, known=", ".join(names)))
        return host
    zone = next(one.zone for one in topology.hosts if one.name == server.host)
    near = [one.name for one in pcs if one.zone == zone]
    called = sender.partition("@")[0] + "-pc"
    return called if called in names else (near or names)[0]
