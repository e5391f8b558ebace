"""In any world, whatever goes wrong in it: a letter that was answered 250 is delivered, returned or waits.

What must hold is written as a balance. Each message that a server took on for a recipient is filed, handed on, given
up or waiting, one of them and once. The next server has it exactly when the one before says so, but where a reply was
lost. Names tell the letters apart: letter 2 goes to `reader2` and `nobody2`, its notices to `writer2`.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import smtplib
import tempfile
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from mailkit.lab.lab import Lab
from mailkit.lab.topology import MailServer, Route, Topology, User
from mailkit.net.zones import ANY, Host, Rule, Zone
from mailkit.server import durable
from mailkit.server.faults import Answer, Break, HangUp
from mailkit.server.relay_policy import OWN, USUAL, RelayRule
from mailkit.trace.transcript import Closed, Dialled, Disturbed, Handled, Said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailkit.trace.transcript import Record

LETTERS = 3
NOWHERE = "203.0.113.250"
"""An address that no host has."""
OPEN_RELAY = (RelayRule(ANY, None, OWN, "accept"), RelayRule(ANY, None, ANY, "relay"))

Draw = st.DrawFn


def mostly(usual: st.SearchStrategy[Any], otherwise: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """In a world where everything is wrong no letter goes far enough to be lost."""
    return st.sampled_from([usual, usual, usual, otherwise]).flatmap(lambda chosen: chosen)


# -- worlds


def domain(number: int) -> str:
    return f"d{number}.example"


@st.composite
def worlds(draw: Draw) -> Topology:
    count = draw(st.integers(2, 6))
    zones = [f"zone-{number}" for number in range(draw(st.integers(1, 4)))]
    homes = st.sampled_from(zones)
    hosts = [Host("pc", "10.0.0.1", draw(homes))]
    hosts += [Host(f"server-{number}", f"192.0.2.{number + 1}", draw(homes)) for number in range(count)]
    places = [ANY, *zones, *(host.name for host in hosts)]
    actions = mostly(st.just("accept"), st.sampled_from(["reject", "drop"]))
    rule = st.builds(Rule, st.sampled_from(places), st.sampled_from(places), st.sampled_from([None, 25, 587]), actions)
    return Topology(
        zones=tuple(map(Zone, zones)),
        hosts=tuple(hosts),
        servers=tuple(draw(mail_servers(number, hosts, places)) for number in range(count)),
        zone_files=tuple(
            draw(zone_files(number, count)) for number in range(count) if draw(mostly(st.just(True), st.booleans()))
        ),
        rules=tuple(draw(st.lists(rule, max_size=4))),
        default=draw(actions),
    )


@st.composite
def mail_servers(draw: Draw, number: int, hosts: list[Host], places: list[str]) -> MailServer:
    own = domain(number)
    domains = [domain(each) for each in range(len(hosts) - 1)]
    others = st.sampled_from([host.name for host in hosts if host.name != f"server-{number}"])
    routes = st.builds(Route, st.sampled_from(domains), others)
    row = st.builds(
        RelayRule,
        st.sampled_from(places),
        st.sampled_from([None, True, False]),
        st.sampled_from([ANY, OWN, *domains]),
        st.sampled_from(["accept", "relay", "relay", "refuse"]),
    )
    return MailServer(
        f"server-{number}",
        f"mail.{own}",
        (own,),
        (25, 587),
        login_in_clear=True,
        routes=draw(mostly(st.just(()), st.lists(routes, min_size=1, max_size=2).map(tuple))),
        smarthost=draw(mostly(st.just(""), others)),
        relaying=draw(st.one_of(st.just(USUAL), st.just(OPEN_RELAY), st.lists(row, max_size=4).map(tuple))),
    )


@st.composite
def zone_files(draw: Draw, number: int, count: int) -> str:
    """Right, or wrong in the ways that there are; `pc` has no mail server, `dead` no host, `nowhere` no address."""
    right = [f"@ MX 10 mail.{domain(number)}."]
    targets = [f"mail.{domain(each)}." for each in range(count)] + ["pc", "dead", "nowhere", "alias"]
    exchangers = st.builds(
        lambda preference, target: f"@ MX {preference} {target}", st.integers(0, 2), st.sampled_from(targets)
    )
    wrong = st.one_of(
        st.lists(exchangers, min_size=1, max_size=4, unique=True),
        st.just(["@ MX 0 ."]),
        st.just([f"@ A 192.0.2.{draw(st.integers(1, count))}"]),
        st.just([]),
    )
    mail = draw(mostly(st.just(right), wrong))
    return "\n".join(
        [
            f"$ORIGIN {domain(number)}.",
            "$TTL 3600",
            "@ SOA ns hostmaster 1 7200 900 1209600 300",
            "@ NS ns",
            f"mail A 192.0.2.{number + 1}",
            "pc A 10.0.0.1",
            f"dead A {NOWHERE}",
            "alias CNAME mail",
            *mail,
            "",
        ]
    )


# -- what happens in them


class Letter(NamedTuple):
    """Handed in from the PC; logged in at 587, as a stranger at 25."""

    number: int
    server: int
    port: int
    sender: str
    recipients: tuple[str, ...]

    @property
    def login(self) -> str:
        """The writer as the server knows him that takes the letter."""
        return f"writer{self.number}@{domain(self.server)}"


@st.composite
def letters(draw: Draw, number: int, servers: int) -> Letter:
    somewhere = st.sampled_from([domain(each) for each in range(servers)] * 3 + ["unknown.example"])
    writers, vanished = (st.builds(f"{name}{number}@{{}}".format, somewhere) for name in ("writer", "vanished"))
    senders = mostly(writers, st.one_of(st.just(""), vanished))
    names = mostly(st.just(f"reader{number}"), st.just(f"nobody{number}"))
    recipients = st.lists(st.builds("{}@{}".format, names, somewhere), min_size=1, max_size=4, unique=True)
    return Letter(
        number,
        draw(st.integers(0, servers - 1)),
        draw(st.sampled_from([25, 587, 587])),
        draw(senders),
        tuple(draw(recipients)),
    )


verbs = st.sampled_from(["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", *["."] * 5])
oftens = st.one_of(
    st.just({}),
    st.builds(lambda number: {"first": number}, st.integers(1, 4)),
    st.builds(lambda number: {"every": number}, st.integers(2, 4)),
)
faults = st.one_of(
    st.builds(lambda number: HangUp(".", acted=True, port=25, first=number), st.integers(1, 3)),
    st.builds(lambda verb, acted, often: HangUp(verb, acted=acted, **often), verbs, st.booleans(), oftens),
    st.builds(
        lambda octets, way, often: Break(after=octets, towards=way, **often),
        st.integers(0, 1500),
        st.sampled_from(["client", "server"]),
        oftens,
    ),
    st.builds(
        lambda verb, reply, often: Answer(verb, reply, **often),
        verbs,
        st.sampled_from(["421 4.3.2 closing", "451 4.7.1 later", "554 5.7.1 no"]),
        oftens,
    ),
)

Step = tuple[Any, ...]
"""The name of a method of `Lab`, and what it is called with. A letter is handed in."""


@st.composite
def stories(draw: Draw) -> tuple[Topology, list[Step | Letter]]:
    world = draw(worlds())
    between = st.one_of(
        st.tuples(st.just("disturb"), faults),
        st.tuples(st.just("heal")),
        st.builds(lambda hours: ("advance", {"hours": hours}), st.integers(0, 30)),
    )
    steps: list[Step | Letter] = []
    for number in range(LETTERS):
        steps += draw(st.lists(between, max_size=2))
        steps.append(draw(letters(number, len(world.servers))))
    return peopled(world, steps), steps + draw(st.lists(between, max_size=2))


def peopled(world: Topology, steps: list[Step | Letter]) -> Topology:
    """With a mailbox for each reader and writer whom a letter names, and no other: a mailbox on the disk takes time."""
    named = {path for step in steps if isinstance(step, Letter) for path in (step.sender, step.login, *step.recipients)}
    people = sorted(path for path in named if path.startswith(("reader", "writer")))
    servers = (
        server._replace(users=tuple(User(path) for path in people if path.endswith(f"@{server.domains[0]}")))
        for server in world.servers
    )
    return replace(world, servers=tuple(servers))


def hand_in(lab: Lab, letter: Letter) -> None:
    """As a mail program would; what came of it is in the record."""
    smtp = None
    try:
        smtp = lab.host("pc").smtp(f"server-{letter.server}", letter.port)
        if letter.port == 587:
            smtp.login(letter.login, lab.password(letter.login))
        smtp.sendmail(letter.sender, letter.recipients, b"Subject: a letter\r\n\r\nHello\r\n")
    except (smtplib.SMTPException, OSError):
        pass
    finally:
        if smtp is not None:
            smtp.close()


def play(lab: Lab, steps: list[Step | Letter]) -> None:
    for step in steps:
        if isinstance(step, Letter):
            hand_in(lab, step)
        elif step[0] == "advance":
            lab.advance(**step[1])
        else:
            getattr(lab, step[0])(*step[1:])


def wait_long_enough(lab: Lab) -> None:
    """A letter waits five days at most, then its notice as long."""
    lab.heal()
    lab.advance(days=6)
    lab.advance(days=6)


# -- what must hold


def handled(records: list[Record], *acts: str) -> list[Handled]:
    return [record for record in records if isinstance(record, Handled) and record.act in acts]


def waiting(lab: Lab) -> Counter[tuple[str, str, str]]:
    return Counter(
        (server.host, entry.queue_id, path)
        for server in lab.topology.servers
        for entry in lab.queue(server.host)
        for path in entry.envelope.forward_paths
    )


def check_balance(lab: Lab, records: list[Record]) -> None:
    """What a server has taken on is filed, handed on, given up or waits: one of them, once."""
    taken = Counter((r.host, r.queue_id, r.recipient) for r in handled(records, "queued"))
    ended = Counter((r.host, r.queue_id, r.recipient) for r in handled(records, "filed", "relayed", "bounced"))
    assert taken == ended + waiting(lab)


def check_handing_over(records: list[Record]) -> None:
    """The next server has it exactly when the one before says so; it may have more where a reply was lost."""
    uncertain = {r.flow for r in records if isinstance(r, Disturbed) and r.kind in ("lost reply", "break")}
    there = Counter((r.flow, r.recipient) for r in handled(records, "queued") if r.flow and r.flow.client != "pc")
    here = Counter((r.flow, r.recipient) for r in handled(records, "relayed"))
    assert not here - there
    assert {flow for flow, _recipient in there - here} <= uncertain


def check_notices(records: list[Record]) -> None:
    """Whatever was given up is told to the sender, once, unless there is none: a notice has none itself."""
    told = Counter((r.host, r.detail) for r in handled(records, "queued") if r.detail.startswith("bounce of "))
    given_up = handled(records, "bounced")
    # Recipients of several attempts have a notice each attempt, those of one attempt share it.
    owed = {(r.host, f"bounce of {r.queue_id}", r.at) for r in given_up if r.reverse_path}
    assert set(told) == {(host, detail) for host, detail, _at in owed}
    assert sum(told.values()) == len(owed)


def check_mailboxes(lab: Lab, records: list[Record]) -> None:
    """The record of what was filed is true."""
    filed = Counter(r.recipient for r in handled(records, "filed"))
    there = Counter({user.address: len(lab.mailbox(user.address)) for user in lab.topology.users()})
    assert filed == +there


def check_calls(topology: Topology, records: list[Record]) -> None:
    """Every call was decided as the rules say, by the rule that is named."""
    hosts = {host.name: host for host in topology.hosts}
    served = {(server.host, port) for server in topology.servers for port in server.ports}
    for call in (record for record in records if isinstance(record, Dialled)):
        flow = call.flow
        action, rule = decided(topology, hosts[flow.client], hosts[flow.server], flow.port)
        assert call.rule == rule
        if action != "accept":
            assert call.verdict == action
        else:
            assert call.verdict == ("accept" if (flow.server, flow.port) in served else "closed")


def decided(topology: Topology, source: Host, destination: Host, port: int) -> tuple[str, int | None]:
    """The rules once more, read by somebody else: inside a zone nobody asks, else the first that fits decides."""
    if source.zone == destination.zone:
        return "accept", None
    near, far = {ANY, source.zone, source.name}, {ANY, destination.zone, destination.name}
    fitting = (
        (rule.action, number)
        for number, rule in enumerate(topology.rules, 1)
        if rule.source in near and rule.destination in far and (rule.port is None or rule.port == port)
    )
    return next(fitting, (topology.default, None))


def check_reasons(records: list[Record]) -> None:
    """Nothing is put off or given up without a reply that says why."""
    for record in handled(records, "deferred", "bounced"):
        assert re.match(r"[45]\d\d ", record.detail), record


def check_answers(records: list[Record]) -> None:
    """What was answered 250 was taken on, for every recipient that was answered 250."""
    taken = {(r.flow.number, r.recipient) for r in handled(records, "queued") if r.flow}
    assert answered(records) <= taken


def answered(records: list[Record]) -> set[tuple[int, str]]:
    """Calls from the PC in which a letter was answered 250, with each recipient that was."""
    said: dict[int, list[tuple[str, bytes]]] = {}
    for record in records:
        if isinstance(record, Said) and record.flow.client == "pc":
            said.setdefault(record.flow.number, []).append((record.by, record.data))
    found: set[tuple[int, str]] = set()
    for number, lines in said.items():
        paths = [
            question[1][9:].split(b">")[0].decode()
            for question, answer in pairwise(lines)
            if question[1].lower().startswith(b"rcpt to:<") and answer[1].startswith(b"250")
        ]
        if any(by == "S" and data.startswith(b"250 2.0.0 queued") for by, data in lines):
            found |= {(number, path) for path in paths}
    return found


def check_all(lab: Lab) -> None:
    records = list(lab.transcript)
    assert getattr(lab._carrier.loop, "errors", []) == []
    check_answers(records)
    check_balance(lab, records)
    check_handing_over(records)
    check_notices(records)
    check_mailboxes(lab, records)
    check_calls(lab.topology, records)
    check_reasons(records)


def endure(carrier: str, world: Topology, steps: list[Step | Letter]) -> None:
    with Lab(world, name="random worlds", carrier=carrier) as lab:
        play(lab, steps)
        lab.advance(seconds=1)
        check_all(lab)
        wait_long_enough(lab)
        check_all(lab)
        assert not waiting(lab)


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(stories())
def test_a_letter_is_delivered_returned_or_waits_in_any_world(story: tuple[Topology, list[Step | Letter]]) -> None:
    endure("memory", *story)


@settings(max_examples=10, deadline=None, derandomize=True, database=None)
@given(stories())
def test_the_same_over_tcp(story: tuple[Topology, list[Step | Letter]]) -> None:
    endure("tcp", *story)


# -- worlds that end, and begin again from what is on the disk


class Death(NamedTuple):
    """What a process that died at one moment would leave: on the disk, and in the memory of those who look on."""

    folder: Path
    records: list[Record]


@contextlib.contextmanager
def graveyard() -> Iterator[Path]:
    """A folder for many labs. A copy sees what is written, synchronised or not: without fsync more can die."""
    memory = Path("/dev/shm")
    where = memory if memory.is_dir() and os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=where) as folder, mock.patch.object(os, "fsync"):
        yield Path(folder)


def live(place: Path, world: Topology, steps: list[Step | Letter], ends: set[int]) -> list[Death]:
    """A life in memory, and what would be left of it after so many changes of the disk."""
    changes = 0
    deaths: list[Death] = []

    def sync_folder(path: Path) -> None:
        nonlocal changes
        changes += 1
        if changes in ends:
            deaths.append(Death(place / str(changes), list(lab.transcript)))
            shutil.copytree(place / "life", deaths[-1].folder)

    lab = Lab(world, name="mortal world", carrier="memory", mail_dir=place / "life")
    with lab, mock.patch.object(durable, "sync_folder", sync_folder):
        play(lab, steps)
    return deaths


def live_and_stop(place: Path, world: Topology, steps: list[Step | Letter]) -> Death:
    """A life over TCP: the servers are at work when `stop` comes."""
    with Lab(world, name="mortal world", carrier="tcp", mail_dir=place) as lab:
        play(lab, steps)
    return Death(place, list(lab.transcript))


def notices_of(lab: Lab, path: str) -> int:
    """How often somebody was told that this recipient was not reached."""
    people = [user.address for user in lab.topology.users() if user.address.startswith("writer")]
    line = f"Final-Recipient: rfc822; {path}\r\n".encode()
    return sum(line in message.raw for person in people for message in lab.mailbox(person))


def is_given_up_in_silence(records: list[Record], path: str) -> bool:
    """It had no sender who could be told, and that is on record."""
    given_up = {r.recipient: r.reverse_path for r in handled(records, "bounced")}
    return path in given_up and (given_up[path] == "" or given_up.get(given_up[path]) == "")


def unsure(records: list[Record], path: str) -> int:
    """How often two servers had it, the one before not knowing of the next (RFC 1047)."""
    its = [r for r in handled(records, "queued", "relayed") if r.recipient == path]
    by_pc = [r for r in its if r.act == "queued" and r.flow and r.flow.client == "pc"]
    acts = Counter(r.act for r in its)
    return acts["queued"] - len(by_pc) - acts["relayed"]


def check_resurrection(world: Topology, death: Death) -> None:
    """Nothing that was answered 250 is lost, nor there twice without a reason."""
    with Lab(world, name="next life", carrier="memory", mail_dir=death.folder) as lab:
        wait_long_enough(lab)
        assert not waiting(lab)
        people = {user.address for user in world.users()}
        records = [*death.records, *lab.transcript]
        for path in {path for _number, path in answered(death.records)}:
            copies = len(lab.mailbox(path)) if path in people else 0
            told = notices_of(lab, path)
            assert copies or told or is_given_up_in_silence(records, path)
            sender = next(r.reverse_path for r in handled(records, "queued") if r.recipient == path)
            doubts = unsure(records, path) + unsure(records, sender) + is_cut(death.records)
            assert copies + told <= 1 + doubts


def is_cut(records: list[Record]) -> bool:
    """Whether a conversation between servers was going on at the end."""
    begun = {r.flow for r in records if isinstance(r, Dialled) and r.verdict == "accept" and r.flow.client != "pc"}
    return bool(begun - {r.flow for r in records if isinstance(r, Closed)})


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(stories(), st.sets(st.integers(1, 40), min_size=4, max_size=8))
def test_no_letter_is_lost_when_every_server_dies_at_any_moment(
    story: tuple[Topology, list[Step | Letter]], ends: set[int]
) -> None:
    world, steps = story
    with graveyard() as place:
        for death in live(place, world, steps, ends):
            check_resurrection(world, death)


@settings(max_examples=8, deadline=None, derandomize=True, database=None)
@given(stories())
def test_no_letter_is_lost_when_a_lab_is_stopped_at_its_work(story: tuple[Topology, list[Step | Letter]]) -> None:
    world, steps = story
    with graveyard() as place:
        check_resurrection(world, live_and_stop(place / "life", world, steps))
