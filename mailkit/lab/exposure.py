"""What an attacker has when a host falls: whom he can call from there, and which mail and logins he can read.

His from the beginning is the host called "attacker", where a world has one; what falls later stands in the record.
Must not know: how a host falls. A fallen server goes on working: he reads, and breaks nothing.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, NamedTuple

from mailkit.lab.reachability import Reach, reachability
from mailkit.locale import _
from mailkit.trace.dialogue import service
from mailkit.trace.transcript import Dialled, Fallen, Flow, Handled, Said

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet
    from typing import Protocol

    from mailkit.lab.lab import Lab
    from mailkit.lab.topology import Topology
    from mailkit.mail.mailbox import MailStore
    from mailkit.server.queue import Queue
    from mailkit.trace.transcript import Record, Transcript

    class Keeper(Protocol):
        """A mail server, as far as it keeps something."""

        @property
        def host(self) -> str: ...
        @property
        def store(self) -> MailStore: ...
        @property
        def queue(self) -> Queue: ...


ATTACKER = "attacker"


class ReadableMailbox(NamedTuple):
    """A mailbox that is kept on a fallen host; `messages` are those of all its folders."""

    host: str
    address: str
    messages: int


class ReadableLetter(NamedTuple):
    """A letter in the queue of a fallen host, or one that went through it."""

    host: str
    queue_id: str
    sender: str
    recipients: tuple[str, ...]

    def __str__(self) -> str:
        sender, recipients = self.sender or "<>", ", ".join(self.recipients)
        return f"{self.queue_id}: {sender} -> {recipients}"


class SeenLogin(NamedTuple):
    """A password or token that was said to or from a fallen host, where TLS, if there was any, ends."""

    host: str
    address: str
    flow: Flow


class Exposure(NamedTuple):
    """`own` and `fallen` are the attacker's hosts. `reach` is what is open from them to hosts that are not his.

    `gained` is the part of it that he did not reach from his own hosts. `mailboxes` and `queued` rest on fallen hosts
    now; `passed` are letters that such a host has taken on since it fell, `logins` what was seen there since then.
    """

    own: tuple[str, ...]
    fallen: tuple[str, ...]
    reach: tuple[Reach, ...]
    gained: tuple[Reach, ...]
    mailboxes: tuple[ReadableMailbox, ...]
    queued: tuple[ReadableLetter, ...]
    passed: tuple[ReadableLetter, ...]
    logins: tuple[SeenLogin, ...]

    def __repr__(self) -> str:
        none = _("nothing")
        lines = [_("His own hosts: {hosts}").format(hosts=", ".join(self.own) or none)]
        lines += [_("Fallen hosts: {hosts}").format(hosts=", ".join(self.fallen) or none)]
        for title, items in self._sections():
            lines += [title] if items else [f"{title} {none}"]
            lines += [f"  {item}" for item in items]
        return "\n".join(lines)

    def _sections(self) -> list[tuple[str, list[str]]]:
        boxes = [_("{box.address} on {box.host}, messages: {box.messages}").format(box=box) for box in self.mailboxes]
        logins = [
            _("{login.address}, at {login.host}: {flow.client} to {flow.server} by {service}").format(
                login=login, flow=login.flow, service=service(login.flow.port)
            )
            for login in self.logins
        ]
        return [
            (_("He reaches:"), _ways(self.reach)),
            (_("Of that, only since a host has fallen:"), _ways(self.gained)),
            (_("Mailboxes that he can read:"), boxes),
            (_("Letters in queues that he can read:"), [f"{letter.host} {letter}" for letter in self.queued]),
            (_("Letters that passed him since then:"), [f"{letter.host} {letter}" for letter in self.passed]),
            (_("Logins that he has seen since then:"), logins),
        ]


def _ways(cells: Iterable[Reach]) -> list[str]:
    """A line for each pair of hosts and deciding rule, with all the ports that are open there."""
    ports: dict[tuple[str, str, int | None], list[int]] = {}
    for cell in cells:
        ports.setdefault((cell.source, cell.destination, cell.rule), []).append(cell.port)
    return [_way(*pair, open_ports) for pair, open_ports in ports.items()]


def _way(source: str, destination: str, rule: int | None, ports: list[int]) -> str:
    by = _("rule {rule}").format(rule=rule) if rule else _("no rule in the way")
    return f"{source} -> {destination}: {', '.join(map(str, ports))} ({by})"


def compromise(lab: Lab, host: str) -> None:
    """Write down that a host has fallen; once is enough. UnknownName lists what there is."""
    name = lab.host(host).name
    if name not in {record.host for record in lab.transcript.only(Fallen)}:
        lab.transcript.append(Fallen(lab.clock.seconds(), name))


def exposure(
    topology: Topology, transcript: Transcript, servers: Iterable[Keeper], secrets: Mapping[str, AbstractSet[str]]
) -> Exposure:
    """What the attacker has at this moment; `secrets` are the passwords and tokens of each address."""
    own = tuple(host.name for host in topology.hosts if host.name == ATTACKER)
    fallen = tuple(record.host for record in transcript.only(Fallen))
    reach = tuple(
        cell
        for cell in reachability(topology)
        if cell.result == "open" and cell.source in own + fallen and cell.destination not in own + fallen
    )
    before = {(cell.destination, cell.port) for cell in reach if cell.source in own}
    since = _since_the_fall(transcript)
    theirs = [server for server in servers if server.host in fallen]
    return Exposure(
        own,
        fallen,
        reach,
        tuple(cell for cell in reach if (cell.destination, cell.port) not in before),
        tuple(_mailboxes(theirs)),
        tuple(_queued(theirs)),
        tuple(_passed(since)),
        tuple(_logins(since, secrets)),
    )


def _since_the_fall(transcript: Transcript) -> dict[str, list[Record]]:
    """For each fallen host, all that was recorded from that moment on."""
    records = list(transcript)
    return {record.host: records[at:] for at, record in enumerate(records) if isinstance(record, Fallen)}


def _mailboxes(servers: Iterable[Keeper]) -> Iterable[ReadableMailbox]:
    for server in servers:
        for account in server.store:
            yield ReadableMailbox(server.host, account.address, sum(map(len, account.mailboxes.values())))


def _queued(servers: Iterable[Keeper]) -> Iterable[ReadableLetter]:
    for server in servers:
        for entry in server.queue:
            yield ReadableLetter(server.host, entry.queue_id, *entry.envelope)


def _passed(since: Mapping[str, list[Record]]) -> Iterable[ReadableLetter]:
    for host, records in since.items():
        letters: dict[str, ReadableLetter] = {}
        for act in records:
            if isinstance(act, Handled) and act.act == "queued" and act.host == host:
                known = letters.setdefault(act.queue_id, ReadableLetter(host, act.queue_id, act.reverse_path, ()))
                letters[act.queue_id] = known._replace(recipients=(*known.recipients, act.recipient))
        yield from letters.values()


def _logins(since: Mapping[str, list[Record]], secrets: Mapping[str, AbstractSet[str]]) -> Iterable[SeenLogin]:
    """Whoever's secret a client has said; a login that shows none, such as APOP, gives nothing away."""
    for host, records in since.items():
        flows = {
            r.flow: b"" for r in records if isinstance(r, Dialled | Said) and host in (r.flow.client, r.flow.server)
        }
        for record in records:
            if isinstance(record, Said) and record.by == "C" and record.flow in flows:
                flows[record.flow] += record.data
        for flow, said in flows.items():
            shown = _in_clear(said)
            yield from (
                SeenLogin(host, address, flow) for address, known in secrets.items() if any(s in shown for s in known)
            )


def _in_clear(said: bytes) -> str:
    """What was said, and what its Base64 words say: that is a way of writing, and no secret."""
    words = [said]
    for word in said.split():
        try:
            words.append(base64.b64decode(word, validate=True))
        except binascii.Error:
            continue
    return b"\n".join(words).decode("utf-8", "replace")
