"""In any world, whatever goes wrong in it: a letter that was answered 250 is delivered, returned or waits.

What must hold is written as a balance. Each message that a server took on for a recipient is filed, handed on, given
up or waiting, one of them and once. The next server has it exactly when the one before says so, but where a reply was
lost. Names tell the letters apart: letter 2 goes to `reader2` and `nobody2`, its notices to `writer2`.
"""

from __future__ import annotations

import re
import shutil
import smtplib
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from mailkit.lab.lab import Lab
from mailkit.lab.topology import MailServer, Route, Topology, User
from mailkit.net.zones import ANY, Firewall, Host, Rule, Zone
from mailkit.server.faults import Answer, Break, Delay, HangUp
from mailkit.server.relay_policy import OWN, USUAL, RelayRule
from mailkit.trace.transcript import Dialled, Disturbed, Handled

if TYPE_CHECKING:
    from mailkit.trace.transcript import Record

LETTERS = 3
NOWHERE = "203.0.113.250"
"""An address that no host has."""
OPEN_RELAY = (RelayRule(ANY, None, OWN, "accept"), RelayRule(ANY, None, ANY, "relay"))

Draw = st.DrawFn


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
    actions = st.sampled_from(["accept", "accept", "reject", "drop"])
    rule = st.builds(Rule, st.sampled_from(places), st.sampled_from(places), st.sampled_from([None, 25, 587]), actions)
    return Topology(
        zones=tuple(map(Zone, zones)),
        hosts=tuple(hosts),
        servers=tuple(draw(mail_servers(number, hosts, places)) for number in range(count)),
        zone_files=tuple(draw(zone_files(number, count)) for number in range(count) if draw(st.integers(0, 9))),
        rules=tuple(draw(st.lists(rule, max_size=5))),
        default=draw(actions),
    )


@st.composite
def mail_servers(draw: Draw, number: int, hosts: list[Host], places: list[str]) -> MailServer:
    own = domain(number)
    domains = [domain(each) for each in range(len(hosts) - 1)]
    others = st.sampled_from([host.name for host in hosts if host.name != f"server-{number}"])
    names = [f"{kind}{letter}" for letter in range(LETTERS) for kind in ("reader", "writer")]
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
        tuple(User(f"{name}@{own}") for name in names),
        login_in_clear=True,
        routes=tuple(draw(st.lists(st.builds(Route, st.sampled_from(domains), others), max_size=2))),
        smarthost=draw(st.one_of(st.just(""), st.just(""), others)),
        relaying=draw(st.one_of(st.just(USUAL), st.just(OPEN_RELAY), st.lists(row, max_size=4).map(tuple))),
    )


@st.composite
def zone_files(draw: Draw, number: int, count: int) -> str:
    """Right, or wrong in the ways that there are; `pc` has no mail server, `dead` no host, `nowhere` no address."""
    right = [f"@ MX 10 mail.{domain(number)}."]
    targets = [f"mail.{domain(each)}." for each in range(count)] + ["pc", "dead", "nowhere", "alias"]
    exchangers = st.builds(lambda preference, target: f"@ MX {preference} {target}", st.integers(0, 2), st.sampled_from(targets))
    mail = draw(st.one_of(
        st.just(right),
        st.lists(exchangers, min_size=1, max_size=4, unique=True),
        st.just(["@ MX 0 ."]),
        st.just([f"@ A 192.0.2.{draw(st.integers(1, count))}"]),
        st.just([]),
    ))
    return "\n".join([
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
    ])


# -- what happens in them


class Letter(NamedTuple):
    """Handed in from the PC; logged in at 587, as a stranger at 25."""

    number: int
    server: int
    port: int
    sender: str
    recipients: tuple[str, ...]


@st.composite
def letters(draw: Draw, number: int, servers: int) -> Letter:
    somewhere = st.sampled_from([domain(each) for each in range(servers)] + ["unknown.example"])
    senders = st.one_of(
        st.just(""),
        st.builds(f"writer{number}@{{}}".format, somewhere),
        st.builds(f"writer{number}@{{}}".format, somewhere),
        st.builds(f"vanished{number}@{{}}".format, somewhere),
    )
    names = st.sampled_from([f"reader{number}", f"reader{number}", f"nobody{number}"])
    recipients = st.lists(st.builds("{}@{}".format, names, somewhere), min_size=1, max_size=4, unique=True)
    return Letter(
        number,
        draw(st.integers(0, servers - 1)),
        draw(st.sampled_from([25, 587, 587])),
        draw(senders),
        tuple(draw(recipients)),
    )


verbs = st.sampled_from(["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", ".", "."])
oftens = st.one_of(
    st.just({}),
    st.builds(lambda number: {"first": number}, st.integers(1, 4)),
    st.builds(lambda number: {"every": number}, st.integers(2, 4)),
)
faults = st.one_of(
    st.builds(lambda verb, acted, often: HangUp(verb, acted=acted, **often), verbs, st.booleans(), oftens),
    st.builds(lambda octets, way, often: Break(after=octets, towards=way, **often),
              st.integers(0, 1500), st.sampled_from(["client", "server"]), oftens),
    st.builds(lambda verb, reply, often: Answer(verb, reply, **often),
              verbs, st.sampled_from(["421 4.3.2 closing", "451 4.7.1 later", "554 5.7.1 no"]), oftens),
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
    for number in range(draw(st.integers(1, LETTERS))):
        steps += draw(st.lists(between, max_size=2))
        steps.append(draw(letters(number, len(world.servers))))
    return world, steps + draw(st.lists(between, max_size=2))


def hand_in(lab: Lab, letter: Letter) -> list[str]:
    """The recipients for whom the server has answered 250."""
    smtp = None
    try:
        smtp = lab.host("pc").smtp(f"server-{letter.server}", letter.port)
        if letter.port == 587:
            user = f"writer{letter.number}@{domain(letter.server)}"
            smtp.login(user, lab.password(user))
        refused = smtp.sendmail(letter.sender, letter.recipients, b"Subject: a letter\r\n\r\nHello\r\n")
    except (smtplib.SMTPException, OSError):
        return []
    finally:
        if smtp is not None:
            smtp.close()
    return [path for path in letter.recipients if path not in refused]


def play(lab: Lab, steps: list[Step | Letter]) -> list[str]:
    """Every recipient for whom a server answered 250."""
    taken: list[str] = []
    for step in steps:
        if isinstance(step, Letter):
            taken += hand_in(lab, step)
        elif step[0] == "advance":
            lab.advance(**step[1])
        else:
            getattr(lab, step[0])(*step[1:])
    return taken


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
    firewall = Firewall(topology.rules, topology.default)
    hosts = {host.name: host for host in topology.hosts}
    served = {(server.host, port) for server in topology.servers for port in server.ports}
    for call in (record for record in records if isinstance(record, Dialled)):
        flow = call.flow
        verdict = firewall.decide(hosts[flow.client], hosts[flow.server], flow.port)
        is_closed = verdict.action == "accept" and (flow.server, flow.port) not in served
        assert (call.verdict, call.rule) == ("closed" if is_closed else verdict.action, verdict.rule)


def check_reasons(records: list[Record]) -> None:
    """Nothing is put off or given up without a reply that says why."""
    for record in handled(records, "deferred", "bounced"):
        assert re.match(r"[45]\d\d ", record.detail), record


def check_all(lab: Lab, taken: list[str]) -> None:
    records = list(lab.transcript)
    assert getattr(lab._carrier.loop, "errors", []) == []
    assert set(taken) <= {r.recipient for r in handled(records, "queued")}
    check_balance(lab, records)
    check_handing_over(records)
    check_notices(records)
    check_mailboxes(lab, records)
    check_calls(lab.topology, records)
    check_reasons(records)


def endure(carrier: str, world: Topology, steps: list[Step | Letter]) -> None:
    with Lab(world, name="random worlds", carrier=carrier) as lab:
        taken = play(lab, steps)
        check_all(lab, taken)
        wait_long_enough(lab)
        check_all(lab, taken)
        assert not waiting(lab)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(stories())
def test_a_letter_is_delivered_returned_or_waits_in_any_world(story: tuple[Topology, list[Step | Letter]]) -> None:
    endure("memory", *story)


@settings(max_examples=10, deadline=None, derandomize=True, database=None)
@given(stories())
def test_the_same_over_tcp(story: tuple[Topology, list[Step | Letter]]) -> None:
    endure("tcp", *story)
