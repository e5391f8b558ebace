"""What the firewall writes down itself, and that every refusal in it has its reason."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING

import pytest

from mailkit.lab.reachability import probe
from mailkit.lab.story import dmz
from mailkit.net.zones import Rule
from mailkit.trace.transcript import Dialled

from .conftest import GOTO, LETTER

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.lab.lab import Lab

INTERNAL = "mail.example.co.jp"


def knock(lab: Lab, source: str, destination: str, port: int) -> None:
    address = next(host.address for host in lab.topology.hosts if host.name == destination)
    with contextlib.suppress(ConnectionRefusedError, TimeoutError):
        lab.host(source).connect(address, port).close()


def test_it_holds_what_the_default_refused_and_what_a_rule_with_log_decided_and_nothing_else(
    make: Callable[..., Lab],
) -> None:
    world = dmz().with_rule(Rule("attacker", "relay", 25, "reject", log=True), at=1)
    lab = make(world.with_rule(Rule("goto-mobile", "relay", 25, "reject"), at=2))
    knock(lab, "attacker", INTERNAL, 143)  # no rule: the default
    knock(lab, "attacker", "relay", 25)  # rule 1, logged
    knock(lab, "goto-mobile", "relay", 25)  # rule 2, refused without a word
    knock(lab, "mail.example.com", "relay", 25)  # let through without a word
    knock(lab, "goto-pc", INTERNAL, 143)  # inside one zone no firewall stands
    knock(lab, "goto-pc", INTERNAL, 26)  # nor there; nobody listens
    assert [(d.call, d.source, d.destination, d.port, d.action, d.rule) for d in lab.firewall_log()] == [
        (1, "attacker", INTERNAL, 143, "drop", None),
        (2, "attacker", "relay", 25, "reject", 1),
    ]
    first, second = repr(lab.firewall_log()).splitlines()
    assert first.startswith("2026-04-06 09:00:00 attacker [203.0.113.66] -> mail.example.co.jp [10.0.0.25]:143 drop: ")
    assert first.endswith(": no rule matches, so the default decides")
    assert second.endswith(" attacker [203.0.113.66] -> relay [198.51.100.25]:25 reject: rule 1 (attacker -> relay:25)")


def test_what_a_logged_rule_lets_through_is_written_down_even_where_nobody_listens(make: Callable[..., Lab]) -> None:
    lab = make(dmz().with_rule(Rule("attacker", "relay", None, "accept", log=True), at=1))
    knock(lab, "attacker", "relay", 25)
    knock(lab, "attacker", "relay", 143)
    assert [(d.port, d.action, d.rule) for d in lab.firewall_log()] == [(25, "accept", 1), (143, "accept", 1)]
    assert "rule 1 (attacker -> relay:any)" in repr(lab.firewall_log())


def test_with_log_on_every_rule_it_explains_every_refusal_of_a_whole_probe(make: Callable[..., Lab]) -> None:
    world = dmz(op25b=True)
    for number, rule in enumerate(world.rules, 1):
        world = world.without_rule(number).with_rule(rule._replace(log=True), at=number)
    lab = make(world)
    probe(lab)
    refused = [
        (c.flow.number, c.verdict, c.rule) for c in lab.transcript.only(Dialled) if c.verdict in ("reject", "drop")
    ]
    log = lab.firewall_log()
    assert [(d.call, d.action, d.rule) for d in log if d.action != "accept"] == refused
    assert {rule for _call, verdict, rule in refused if verdict == "reject"} == {1, 2}
    for decision in log:
        if decision.rule:
            assert world.rules[decision.rule - 1].action == decision.action


def test_answers_ride_on_the_call_and_a_call_the_other_way_is_judged_on_its_own(make: Callable[..., Lab]) -> None:
    """The firewall is stateful: it decides on calls, not on packets."""
    lab = make(dmz())
    with lab.host("relay").smtp(INTERNAL, 25) as smtp:  # rule 3 names this direction alone
        assert smtp.noop()[0] == 250  # the internal server's words came back to the relay
        knock(lab, INTERNAL, "relay", 587)  # while that is open, no rule lets this one in
        assert smtp.sendmail("yamada@example.com", [GOTO], LETTER) == {}
    calls = lab.transcript.only(Dialled)
    assert [(c.flow.client, c.verdict, c.rule) for c in calls[:2]] == [("relay", "accept", 3), (INTERNAL, "drop", None)]
    assert [(d.source, d.destination, d.port) for d in lab.firewall_log()] == [(INTERNAL, "relay", 587)]
    lab.settle()
    assert len(lab.mailbox(GOTO)) == 1


@pytest.mark.parametrize("default", ["drop", "reject"])
def test_a_default_that_rejects_is_written_down_too(make: Callable[..., Lab], default: str) -> None:
    lab = make(dataclasses.replace(dmz(), default=default))
    assert repr(lab.firewall_log()) == "The firewall has written nothing down yet."
    knock(lab, "attacker", "goto-pc", 25)
    assert [(d.action, d.rule) for d in lab.firewall_log()] == [(default, None)]
