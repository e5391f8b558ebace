"""Makes the runs that are overheard: one mail program, one server, without TLS, by STARTTLS, stripped, implicit.

Each is made in a lab of its own, of the same world with as little changed as the run needs. Must not know: who
listens, what he learns.
"""

from __future__ import annotations

import contextlib
import imaplib
import itertools
import poplib
from dataclasses import replace
from email.message import EmailMessage
from typing import TYPE_CHECKING, Literal, NamedTuple

from mailkit.lab.lab import Lab, StillWaiting
from mailkit.lab.topology import TopologyError
from mailkit.locale import _
from mailkit.net.zones import ANY, Firewall, Rule
from mailkit.server.faults import StripTLS
from mailkit.trace.transcript import Dialled
from mailkit.widgets.relay_probes import STRANGER, with_stranger

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.lab.topology import MailServer, Topology
    from mailkit.trace.transcript import Flow, Transcript

Service = Literal["SMTP", "POP3", "IMAP4"]
Way = Literal["clear", "starttls", "stripped", "implicit"]
WAYS: tuple[Way, ...] = ("clear", "starttls", "stripped", "implicit")
PORTS: dict[Service, tuple[int, int]] = {"SMTP": (587, 465), "POP3": (110, 995), "IMAP4": (143, 993)}
"""Where TLS is asked for by a command, and where it comes first (RFC 8314 §3)."""
_numbers = itertools.count(1)


class Scene(NamedTuple):
    """Who is listened to: a user at his PC, and the server with his mailbox."""

    topology: Topology
    client: str
    server: MailServer
    user: str
    recipient: str


class Run(NamedTuple):
    """One run. `flow` is None where it could not be made; `notes` say why, or what was changed for it."""

    topology: Topology
    transcript: Transcript | None
    flow: Flow | None
    notes: list[str]


def scene(topology: Topology, client: str = "", user: str = "") -> Scene:
    """The user's PC is `client`, or the host called after him; without a user, the first one who has a PC."""
    hosts = [host.name for host in topology.hosts]
    for server in topology.servers:
        for someone in server.users:
            pc = client or f"{someone.address.split('@')[0]}-pc"
            if pc in hosts and pc != server.host and user in ("", someone.address):
                others = [u.address for u in topology.users() if u.address != someone.address]
                return Scene(topology, pc, server, someone.address, next(iter(others), someone.address))
    sentence = _("nobody to listen to: no mailbox {user!r} whose user sits at {client!r}; hosts: {hosts}.")
    raise TopologyError(
        sentence.format(user=user or ANY, client=client or _("a PC called after him"), hosts=", ".join(hosts))
    )


def make(scene: Scene, service: Service, way: Way, *, insists: bool = False, carrier: str | None = None) -> Run:
    """Run it in a lab that is over when this returns. `insists`: the program goes on under TLS or not at all."""
    port = PORTS[service][way == "implicit"]
    world, notes = _world(scene, port, way)
    with Lab(world, name=f"eavesdropper {next(_numbers)}", carrier=carrier) as lab:
        if way != "clear" and not lab.has_tls:
            return Run(world, None, None, [_("This Python has no TLS, as in a browser: this run cannot be made here.")])
        if service != "SMTP":
            _put_a_letter(lab, scene)
        if way == "stripped":
            lab.disturb(StripTLS(client=scene.client, server=scene.server.host, by=STRANGER))
        before = len(lab.transcript.only(Dialled))
        notes += _program(lab, scene, service, port, way, insists)
    calls = lab.transcript.only(Dialled)[before:]
    return Run(world, lab.transcript, calls[0].flow if calls else None, notes)


# -- the world


def _world(scene: Scene, port: int, way: Way) -> tuple[Topology, list[str]]:
    """The world that the run needs, and in sentences what was changed."""
    old, notes = scene.server, []
    clear = way in ("clear", "stripped")
    if clear and not old.login_in_clear:
        notes.append(_("For this run the server takes passwords without TLS, as it should not (login_in_clear)."))
    if port not in old.ports:
        notes.append(_("For this run the server listens at port {port} too.").format(port=port))
    ports = tuple(dict.fromkeys((*old.ports, port, 25)))
    new = old._replace(login_in_clear=clear, ports=ports, certificate="good", greylisting=False)
    world = with_stranger(scene.topology, old.host)
    world = replace(world, servers=tuple(new if s.host == old.host else s for s in world.servers))
    if not _comes_through(world, scene, port):
        notes.append(_("For this run the firewall lets the call through."))
        world = world.with_rule(Rule(scene.client, old.host, port, "accept"), at=1)
    return world, notes


def _comes_through(world: Topology, scene: Scene, port: int) -> bool:
    hosts = {host.name: host for host in world.hosts}
    decide = Firewall(world.rules, world.default).decide
    return decide(hosts[scene.client], hosts[scene.server.host], port).action == "accept"


def _letter(scene: Scene) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = scene.user, scene.recipient, "Friday"
    letter.set_content("Shall we meet at ten? The key is under the mat.")
    return letter


def _put_a_letter(lab: Lab, scene: Scene) -> None:
    """Something to fetch, brought before anybody listens."""
    with contextlib.suppress(OSError, StillWaiting):
        with lab.host(scene.server.host).smtp(scene.server.host, 25) as smtp:
            smtp.send_message(_letter(scene), scene.recipient, [scene.user])
        lab.settle()


# -- the mail programs


def _program(lab: Lab, scene: Scene, service: Service, port: int, way: Way, insists: bool) -> list[str]:
    """Let it run; what stopped it, as a sentence."""
    run: Callable[[Lab, Scene, int, _Caution], bool] = {"SMTP": _send, "POP3": _pop, "IMAP4": _imap}[service]
    try:
        whole = run(lab, scene, port, _Caution(way, insists))
    except (OSError, poplib.error_proto, imaplib.IMAP4.error) as error:
        return [_("The mail program broke off: {error}").format(error=error)]
    with contextlib.suppress(StillWaiting):
        lab.settle()
    if whole:
        return []
    return [_("No offer of TLS came, and this mail program insists on it: it said goodbye before its password.")]


class _Caution(NamedTuple):
    """What a program does about TLS."""

    way: Way
    insists: bool

    def asks(self, offered: bool) -> bool:
        """Whether it asks for TLS by a command: a program that was told to, and only where that is offered."""
        return self.way in ("starttls", "stripped") and offered

    def goes_on(self, offered: bool) -> bool:
        """Without the offer, a careless program goes on in clear."""
        return offered or self.way in ("clear", "implicit") or not self.insists


def _send(lab: Lab, scene: Scene, port: int, caution: _Caution) -> bool:
    with lab.host(scene.client).smtp(scene.server.hostname, port) as smtp:
        smtp.ehlo()
        offered = smtp.has_extn("starttls")
        if not caution.goes_on(offered):
            return False
        if caution.asks(offered):
            smtp.starttls(context=lab.tls_context())
        smtp.login(scene.user, lab.password(scene.user))
        smtp.send_message(_letter(scene))
    return True


def _pop(lab: Lab, scene: Scene, port: int, caution: _Caution) -> bool:
    pop = lab.host(scene.client).pop3(scene.server.hostname, port)
    offered = "STLS" in pop.capa() if port == PORTS["POP3"][0] else False
    if caution.goes_on(offered):
        if caution.asks(offered):
            pop.stls(context=lab.tls_context())
        pop.user(scene.user)
        pop.pass_(lab.password(scene.user))
        pop.retr(1)
    pop.quit()
    return caution.goes_on(offered)


def _imap(lab: Lab, scene: Scene, port: int, caution: _Caution) -> bool:
    imap = lab.host(scene.client).imap(scene.server.hostname, port)
    offered = "STARTTLS" in imap.capabilities
    if caution.goes_on(offered):
        if caution.asks(offered):
            imap.starttls(lab.tls_context())
        imap.login(scene.user, lab.password(scene.user))
        imap.select("INBOX", readonly=True)
        imap.fetch("1", "(RFC822)")
    imap.logout()
    return caution.goes_on(offered)
