"""What the rules say and what a caller finds are the same, for any rules."""

from __future__ import annotations

import dataclasses
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailkit.lab.lab import Lab
from mailkit.lab.reachability import Reach, probe, reachability, served_ports
from mailkit.lab.story import two_domains
from mailkit.lab.topology import Topology
from mailkit.net.zones import ANY, Rule

WORLD = two_domains()
PLACES = [ANY, *(zone.name for zone in WORLD.zones), *(host.name for host in WORLD.hosts)]
ACTIONS: list[Literal["accept", "reject", "drop"]] = ["accept", "reject", "drop"]
RULES = st.lists(
    st.builds(
        Rule,
        st.sampled_from(PLACES),
        st.sampled_from(PLACES),
        st.sampled_from([None, 25, 110, 143, 587, 2525]),
        st.sampled_from(ACTIONS),
    ),
    max_size=6,
)


def world(rules: list[Rule], default: Literal["accept", "reject", "drop"] = "drop") -> Topology:
    return dataclasses.replace(WORLD, rules=tuple(rules), default=default)


def cell(cells: tuple[Reach, ...], source: str, destination: str, port: int) -> Reach:
    return next(c for c in cells if (c.source, c.destination, c.port) == (source, destination, port))


def test_strangers_reach_port_25_and_no_pc() -> None:
    cells = reachability(WORLD)
    assert cell(cells, "goto-mobile", "mail.example.com", 25) == ("goto-mobile", "mail.example.com", 25, "open", 1)
    assert cell(cells, "mail.example.com", "goto-pc", 25) == ("mail.example.com", "goto-pc", 25, "no answer", None)
    assert {c.result for c in cells if c.destination == "goto-pc" and c.source != "mail.example.co.jp"} == {"no answer"}


def test_inside_a_zone_no_rule_is_asked_and_an_unserved_port_refuses() -> None:
    cells = reachability(WORLD)
    assert cell(cells, "goto-pc", "mail.example.co.jp", 110) == ("goto-pc", "mail.example.co.jp", 110, "open", None)
    assert cell(cells, "mail.example.co.jp", "goto-pc", 25).result == "refused"


def test_the_first_match_decides() -> None:
    rules = [Rule("internet", ANY, 25, "reject"), Rule(ANY, ANY, None, "accept")]
    assert cell(reachability(world(rules)), "goto-mobile", "mail.example.com", 25)[3:] == ("refused", 1)
    assert cell(reachability(world(rules[::-1])), "goto-mobile", "mail.example.com", 25)[3:] == ("open", 1)


def test_the_matrix_is_whole() -> None:
    hosts = len(WORLD.hosts)
    assert served_ports(WORLD) == (25, 110, 143, 587)
    assert len(set(reachability(WORLD))) == hosts * (hosts - 1) * 4
    assert len(reachability(WORLD, ports=[99])) == hosts * (hosts - 1)


@pytest.mark.parametrize("carrier", ["tcp", "memory"])
def test_a_probe_finds_what_the_rules_say(carrier: str) -> None:
    with Lab(WORLD, carrier=carrier) as lab:
        assert probe(lab) == reachability(WORLD)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rules=RULES, default=st.sampled_from(ACTIONS))
def test_both_agree_for_any_rules(rules: list[Rule], default: Literal["accept", "reject", "drop"]) -> None:
    topology = world(rules, default)
    with Lab(topology, carrier="memory") as lab:
        assert probe(lab, ports=[25, 143, 2525]) == reachability(topology, ports=[25, 143, 2525])
