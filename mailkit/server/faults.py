"""What may be made to go wrong in a lab, as plain data that checks itself and says what cannot be.

Must not know: how a fault is carried out (`gate.py`, `disturber.py`, `net/rough_line.py`), which hosts there are.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from mailkit.locale import _
from mailkit.net.zones import ANY
from mailkit.server.verbs import VERBS, protocols_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailkit.server.verbs import Service

LONGEST = 24 * 3600.0
"""Seconds that a delay may last: a longer one is a typing error."""
# RFC 5321 §4.2; RFC 1939 §3; RFC 9051 §7.1. Only refusals: a success that did not happen would be a lie, not a fault.
_REPLY: dict[Service, re.Pattern[str]] = {
    "SMTP": re.compile(r"[45]\d\d(?: [\x20-\x7e]*)?"),
    "POP3": re.compile(r"-ERR(?: [\x20-\x7e]*)?"),
    "IMAP4": re.compile(r"(?:NO|BAD|BYE) [\x20-\x7e]+"),
}


class FaultError(ValueError):
    """A fault that cannot be: the sentence says what was found, what was expected, what to do."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Whom every fault meets, and how often.

    `client` and `server` are hosts of the lab, `port` is the server's; "any" and None are all of them. `first=2` is the
    first two times, `every=3` the third, sixth, ninth …, `probability=0.2` every fifth time by the lab's seed;
    without them it is always. A time is a command that matches, or for faults of the line a conversation.
    """

    client: str = ANY
    server: str = ANY
    port: int | None = None
    first: int | None = None
    every: int | None = None
    probability: float | None = None

    def __post_init__(self) -> None:
        chosen = [name for name in ("first", "every", "probability") if getattr(self, name) is not None]
        if len(chosen) > 1:
            self._cannot_be(_("it has {chosen}; give one of them").format(chosen=" and ".join(chosen)))
        for name in ("first", "every"):
            if (count := getattr(self, name)) is not None and (not isinstance(count, int) or count < 1):
                self._cannot_be(_("{name} is {count!r}; expected 1 or more").format(name=name, count=count))
        if self.probability is not None and not 0 <= self.probability <= 1:
            self._cannot_be(_("probability is {found!r}; expected 0 to 1").format(found=self.probability))

    def _cannot_be(self, why: str) -> None:
        raise FaultError(_("{fault}: {why}.").format(fault=type(self).__name__, why=why))

    def _check_between(self, name: str, least: float, most: float) -> None:
        value = getattr(self, name)
        if not isinstance(value, int | float) or not least <= value <= most:
            sentence = _("{name} is {value!r}; expected {least:g} to {most:g}")
            self._cannot_be(sentence.format(name=name, value=value, least=least, most=most))


@dataclass(frozen=True)
class _AtVerb(Fault):
    """Happens at a command: a verb of RFC 5321, RFC 1939 or RFC 9051.

    "." is the end of a letter's content in SMTP, "CONNECT" the moment of the greeting, "any" each command.
    IMAP's UID FETCH is a FETCH. `recipient` is a pattern such as "*@example.co.jp": at RCPT for that path, at DATA and
    "." for a letter that has such a recipient.
    """

    verb: str
    recipient: str = field(default=ANY, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "verb", self.verb if self.verb == ANY else self.verb.upper())
        if not protocols_of(self.verb):
            known = sorted({verb for verbs in VERBS.values() for verb in verbs})
            near = difflib.get_close_matches(self.verb, known, 1)
            hint = _(" (did you mean {near!r}?)").format(near=near[0]) if near else ""
            sentence = _("no verb {verb!r}{hint}; there are: {known}")
            self._cannot_be(sentence.format(verb=self.verb, hint=hint, known=", ".join(known)))
        if self.recipient != ANY and self.verb not in ("RCPT", "DATA", "."):
            self._cannot_be(_("{verb} has no recipient; RCPT, DATA and '.' have").format(verb=self.verb))

    @property
    def services(self) -> tuple[Service, ...]:
        """The protocols in which it can happen."""
        return protocols_of(self.verb)


@dataclass(frozen=True)
class Answer(_AtVerb):
    """The server refuses a command by `reply` and does nothing else; its form says which protocol is meant.

    `Answer("RCPT", "451 4.7.1 come back later", first=1)`, `Answer("RETR", "-ERR disk trouble", every=2)`,
    `Answer("FETCH", "NO [UNAVAILABLE] try again")`; IMAP's tag is put before it. At "CONNECT", and with 421 or BYE, the
    server hangs up after it (RFC 5321 §3.8).
    """

    reply: str

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.services:
            sentence = _("{reply!r} is no refusal of {verb}; expected {forms}")
            forms = {"SMTP": "'451 4.7.1 …'", "POP3": "'-ERR …'", "IMAP4": "'NO …'"}
            wanted = _(" or ").join(forms[service] for service in protocols_of(self.verb))
            self._cannot_be(sentence.format(reply=self.reply, verb=self.verb, forms=wanted))

    @property
    def services(self) -> tuple[Service, ...]:
        """The protocol whose refusal `reply` is."""
        return tuple(s for s in protocols_of(self.verb) if _REPLY[s].fullmatch(self.reply))


@dataclass(frozen=True)
class Delay(_AtVerb):
    """The server takes `seconds` of its time before it acts; with `acted`, it acts at once and then keeps its reply.

    `Delay("RETR", seconds=3)`
    """

    seconds: float = 1.0
    acted: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_between("seconds", 0, LONGEST)


@dataclass(frozen=True)
class HangUp(_AtVerb):
    """The connection ends at a command, which the server never sees; with `acted` it has acted, and its reply is lost.

    `HangUp("QUIT")`: POP3 must delete nothing then (RFC 1939 §6). `HangUp(".", acted=True)`: the client cannot know
    that its letter was taken, sends it again, and the recipient has it twice (RFC 1047).
    """

    acted: bool = False


Way = Literal["client", "server"]


@dataclass(frozen=True)
class _OnTheLine(Fault):
    towards: Way = "client"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.towards not in ("client", "server"):
            self._cannot_be(_("towards is {found!r}; expected 'client' or 'server'").format(found=self.towards))


@dataclass(frozen=True)
class Break(_OnTheLine):
    """The line breaks when `after` octets have passed in one direction, TLS's own octets counted where it is on.

    `Break(after=1000, towards="server")`. It meets conversations that begin after it was asked for.
    """

    after: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_between("after", 0, 1 << 40)


@dataclass(frozen=True)
class Trickle(_OnTheLine):
    """A slow line: every `seconds` no more than `octets` pass in one direction.

    `Trickle(octets=1, seconds=0.01, towards="client")`. It meets conversations that begin after it was asked for.
    """

    octets: int = 1
    seconds: float = 0.01

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_between("octets", 1, 1 << 40)
        self._check_between("seconds", 0, LONGEST)


@dataclass(frozen=True)
class _InTheMiddle(Fault):
    by: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if ANY in (self.client, self.server) or not self.by:
            self._cannot_be(_("a man in the middle stands between two hosts; name client, server and by"))
        if self.by in (self.client, self.server):
            self._cannot_be(_("by is {by!r}, one of the two ends; name a third host").format(by=self.by))


@dataclass(frozen=True)
class StripTLS(_InTheMiddle):
    """A man in the middle takes STARTTLS out of what the server offers, and refuses the command himself (RFC 3207 §6).

    `StripTLS(client="yamada-pc", server="mail.example.com", by="mallory")`
    """


@dataclass(frozen=True)
class FalseCertificate(_InTheMiddle):
    """A man in the middle shows a certificate of his own, with the right name, by an authority that nobody trusts.

    Whoever refuses it is safe. Whoever takes it has TLS with him: the transcript shows, after his name, each line that
    he reads, passwords unmasked. He passes all of it on unchanged, in TLS of his own with the server. That second leg
    is no call of its own in the transcript, and the server sees the client's address: he sits on the way, as a router.
    """


def check_hosts(faults: Iterable[Fault], hosts: Iterable[str]) -> None:
    """FaultError for a fault between hosts that the lab does not have."""
    known = list(hosts)
    for fault in faults:
        if not isinstance(fault, Fault):
            raise FaultError(_("{found!r} is no fault; expected Answer, Delay, HangUp …").format(found=fault))
        for name in (fault.client, fault.server, getattr(fault, "by", ANY)):
            if name not in (ANY, *known):
                sentence = _("{fault}: no host {name!r}; there are: {known}.")
                raise FaultError(sentence.format(fault=type(fault).__name__, name=name, known=", ".join(known)))
