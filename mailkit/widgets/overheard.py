"""What he makes of it: who calls whom, the login, the envelope, the letter; and what TLS keeps from him.

Must not know: how a run is made, how anything is drawn.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from mailkit.locale import _
from mailkit.server.roles import IMPLICIT_TLS
from mailkit.trace.dialogue import service
from mailkit.widgets.flow_words import cut
from mailkit.widgets.overheard_login import login
from mailkit.widgets.overhearing import Sight, call_of, overhear

if TYPE_CHECKING:
    from mailkit.trace.transcript import Dialled, Flow, Transcript

Item = Literal["ends", "name", "sizes", "user", "password", "envelope", "letter"]
ALWAYS: tuple[Item, ...] = ("ends", "name", "sizes")
"""What TLS does not hide."""
SECRETS: tuple[Item, ...] = ("user", "password", "envelope", "letter")
State = Literal["seen", "hidden", "unsaid", "none"]
"""Readable; said, but inside TLS; never said; there is none when mail is fetched."""
_PATH = re.compile(rb"\s*(?:MAIL FROM|RCPT TO):\s*<[^>]*>", re.IGNORECASE)


class Learnt(NamedTuple):
    """One thing that he knows, or not. `where` is the number of the sight that told it, 0: no one line."""

    item: Item
    state: State
    value: str = ""
    where: int = 0


class Overheard(NamedTuple):
    """One conversation as he had it. `tls_from` is the number of the sight at which the tube begins, 0: none."""

    call: Dialled
    sights: list[Sight]
    learnt: dict[Item, Learnt]
    tls_from: int

    @property
    def heading(self) -> str:
        """From which line on it is a tube."""
        if self.call.verdict != "accept":
            return _("No call came through, so there was nothing to hear.")
        last = sum(sight.kind != "end" for sight in self.sights)
        if not self.tls_from:
            return _("Lines 1 to {last}: all of it readable.").format(last=last)
        if self.call.flow.port in IMPLICIT_TLS:
            return _("A tube from the first octet on: not even the greeting can be read.")
        sentence = _("Lines 1 to {before} readable; from line {begin} on a tube.")
        return sentence.format(before=self.tls_from - 1, begin=self.tls_from)


def overheard(transcript: Transcript, flow: Flow, server_name: str) -> Overheard:
    """One conversation of a record; `server_name` is what the handshake asks for (RFC 6066 §3)."""
    sights = overhear(transcript, flow)
    tube = next((s.number for s in sights if s.kind == "noise"), 0)
    begins = next((s.number for s in sights if s.kind == "tls"), tube) if tube else 0
    learnt = [*_always(flow, sights, server_name, begins), *_secrets(flow, sights)]
    return Overheard(call_of(transcript, flow), sights, {one.item: one for one in learnt}, begins)


def _always(flow: Flow, sights: list[Sight], server_name: str, tube: int) -> list[Learnt]:
    ends = _("{client} calls {server}, port {port}").format(
        client=flow.client_address, server=flow.server_address, port=flow.port
    )
    in_handshake = flow.port in IMPLICIT_TLS and tube
    name = _("{name}, in the handshake (SNI)").format(name=server_name) if in_handshake else server_name
    octets = {by: sum(s.octets for s in sights if s.by == by) for by in ("C", "S")}
    told = _("about {to} octets to the server, {back} back") if tube else _("{to} octets to the server, {back} back")
    sizes = told.format(to=octets["C"], back=octets["S"])
    return [Learnt("ends", "seen", ends), Learnt("name", "seen", name), Learnt("sizes", "seen", sizes)]


def _secrets(flow: Flow, sights: list[Sight]) -> list[Learnt]:
    user, password = login(sights)
    is_smtp = service(flow.port) == "SMTP"
    by = "C" if is_smtp else "S"
    envelope = [s for s in sights if is_smtp and s.by == "C" and s.kind == "line" and _PATH.match(s.raw)]
    letter = next((s for s in sights if s.kind == "message" and s.by == by), None)
    unseen: State = "hidden" if any(s.kind == "noise" and s.by == "C" for s in sights) else "unsaid"
    found: list[tuple[Item, str, int]] = [
        ("user", user.text, user.where),
        ("password", password.text, password.where),
        ("envelope", ", ".join(s.lines[0] for s in envelope), envelope[0].number if envelope else 0),
        ("letter", _gist(letter) if letter else "", letter.number if letter else 0),
    ]
    no_envelope = Learnt("envelope", "none", _("there is none when mail is fetched"))
    return [
        no_envelope if item == "envelope" and not is_smtp else Learnt(item, "seen" if at else unseen, cut(value), at)
        for item, value, at in found
    ]


def _gist(letter: Sight) -> str:
    """Its subject and its size."""
    size = _("{octets} octets").format(octets=letter.octets)
    subject = next((line for line in letter.lines if line.lower().startswith("subject:")), "")
    return f"{subject}, {size}" if subject else size
