"""The firewall designer without a browser: every change of a rule is followed by real calls and real letters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mailkit.lab.lab import Lab
from mailkit.lab.lab import _running as running_labs
from mailkit.lab.reachability import reachability
from mailkit.lab.story import INTERNAL, dmz, single_server, two_domains
from mailkit.lab.topology import Topology, TopologyError
from mailkit.net.zones import Host, Rule
from mailkit.server.relay_policy import USUAL
from mailkit.widgets.firewall_design import FirewallModel
from mailkit.widgets.firewall_fold import cells_of, fold
from mailkit.widgets.firewall_words import cell_line, exposed, log, summary, text

if TYPE_CHECKING:
    from mailkit.widgets.firewall_ending import Ending

OPEN = Rule("relay", "internal", None, "accept")
"""Lets the relay talk to everything inside."""


def designed(world: Topology | None = None, *rules: Rule, carrier: str = "memory") -> FirewallModel:
    """A model of which everything is tried, with these rules before those of the world."""
    model = FirewallModel(world or dmz(), carrier=carrier)
    for number, rule in enumerate(rules, 1):
        model.add(rule, number)
    model.finish()
    return model


def ending(model: FirewallModel, key: str) -> Ending:
    assert key in model.fresh
    return model.results[key].ending


def failed(model: FirewallModel) -> set[str]:
    return {trial.key for trial in model.trials if not ending(model, trial.key).passed}


def with_second_mx() -> Topology:
    """The internal server is a second MX that believes everybody, and the firewall lets strangers to it."""
    world = dmz().with_rule(Rule("any", INTERNAL, 25, "accept"), at=1)
    servers = tuple(s._replace(relaying=USUAL) if s.host == INTERNAL else s for s in world.servers)
    return replace(world, servers=servers).with_records("$ORIGIN example.co.jp.\n@ MX 20 inside\ninside A 10.0.0.25\n")


def mailboxes_in_the_dmz() -> Topology:
    """One server for company B, where everybody can call it."""
    world = dmz()
    relay, inside = (server for server in world.servers if server.host in ("relay", INTERNAL))
    merged = relay._replace(users=inside.users, routes=(), ports=(25, 143))
    others = tuple(server for server in world.servers if server not in (relay, inside))
    return replace(world, servers=(*others, merged))


# -- who is who


def test_the_company_behind_the_firewall_is_found() -> None:
    site = designed().site
    assert (site.domain, site.edge, site.inside.host) == ("example.co.jp", "relay", INTERNAL)
    assert (site.protected, site.pcs, site.attacker) == ({"dmz", "internal"}, ("goto-pc",), "attacker")
    assert site.sender == "relay"
    assert designed(dmz(outbound="direct")).site.sender == INTERNAL


def test_a_world_without_mailboxes_is_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"no mail server here keeps mailboxes of 'example\.net'"):
        FirewallModel(dmz(), "example.net")


# -- cells


@pytest.mark.parametrize("carrier", ["memory", "tcp"])
def test_what_was_tried_is_what_the_rules_promise(carrier: str) -> None:
    model = designed(carrier=carrier)
    assert model.heat.tried == model.heat.believed
    promised = {cell[:3]: (cell.result == "open", cell.rule) for cell in reachability(model.topology)}
    shown = {cell: (found.verdict == "accept", found.rule) for cell, found in model.heat.tried.items()}
    common = shown.keys() & promised.keys()
    assert len(common) > 60
    assert {cell: shown[cell] for cell in common} == {cell: promised[cell] for cell in common}


def test_a_change_makes_every_cell_untried_and_what_is_different_is_tried_first() -> None:
    model = designed()
    model.change(2, Rule("any", "relay", 25, "drop"))
    assert model.heat.tried == {}
    assert "expected, not tried yet" in cell_line(model, ("attacker", "relay", 25))
    model.heat.step(8)
    assert {cell[1:] for cell in model.heat.tried} == {("relay", 25)}
    model.finish()
    assert cell_line(model, ("attacker", "relay", 25)) == "attacker → relay, port 25: dropped: no answer (rule 2)"


def test_what_comes_too_far_and_what_is_missing_are_told_apart() -> None:
    model = designed(None, OPEN)
    assert "reached, and should not be (rule 1)" in cell_line(model, ("relay", INTERNAL, 143))
    assert cell_line(model, ("relay", INTERNAL, 25)).endswith("port 25: reached (rule 1)")
    shut = designed(None, Rule("relay", "internal", None, "reject"))
    assert "refused by the firewall, but mail needs it (rule 1)" in cell_line(shut, ("relay", INTERNAL, 25))


def test_folding_hides_no_difference() -> None:
    many = tuple(Host(f"pc{n}", f"10.0.1.{n}", "internal") for n in range(20))
    homes = tuple(Host(f"home{n}", f"203.0.113.{150 + n}", "isp") for n in range(20))
    world = replace(dmz(), hosts=(*dmz().hosts, *many, *homes))
    model = designed(world, Rule("attacker", "pc7", 445, "accept"))
    table = fold(model.heat)
    assert len(table.rows) <= 8
    assert len(table.columns) <= 10
    folded = [cells_of(row, column) for row in table.rows for column in table.columns]
    assert sum(map(len, folded)) == len(model.heat.tried)
    for cells in folded:
        assert len({model.heat.tried[cell] for cell in cells}) <= 1
        assert len({"should not be" in cell_line(model, cell) for cell in cells}) <= 1
    assert any(column.hosts == ("pc7",) for column in table.columns)


# -- rules


def test_rules_move_and_come_back() -> None:
    model = designed()
    before = model.rules
    assert model.move(5, 1) == 1
    assert model.rules == (before[4], *before[:4])
    assert model.move(1, 99) == 5
    assert model.add(OPEN, at=2) == 2
    model.remove(2)
    model.set_default("reject")
    assert (model.rules, model.default) == (before, "reject")
    for _change in range(5):
        assert model.undo()
    assert (model.rules, model.default, model.undo()) == (before, "drop", False)


def test_what_cannot_be_changes_nothing() -> None:
    model = designed()
    for act in (
        lambda: model.add(Rule("any", "relais", 25, "accept")),
        lambda: model.change(9, OPEN),
        lambda: model.remove(0),
        lambda: model.move(9, 1),
    ):
        with pytest.raises(TopologyError):
            act()
    assert (model.rules, model.pending, model.can_undo) == (dmz().rules, 0, False)


# -- attacks and flows


@pytest.mark.parametrize("carrier", ["memory", "tcp"])
@pytest.mark.parametrize("outbound", ["relay", "direct"])
def test_the_world_of_the_course_stops_every_attack_and_lets_its_mail_flow(carrier: str, outbound: str) -> None:
    model = designed(dmz(outbound=outbound), carrier=carrier)
    assert failed(model) == set()
    assert summary(model) == "6 of 6 attacks stopped, 5 of 5 mail flows work."
    incoming = ending(model, "incoming")
    assert incoming.why == (
        f"① mail.example.com → relay: rule 2. ② relay → {INTERNAL}: rule 3. "
        f"③ goto-pc → {INTERNAL}: same zone, no firewall between."
    )


@pytest.mark.parametrize(
    ("rule", "fails"),
    [
        (OPEN, {"fallen"}),
        (Rule("any", INTERNAL, 143, "accept"), {"inside", "scan", "fallen"}),
        (Rule("internet", "goto-pc", 445, "accept"), {"pcs", "scan"}),
        (Rule("internal", "internet", 25, "accept"), {"infected"}),
        (Rule("any", "relay", 25, "drop"), {"incoming", "outgoing"}),
        (Rule("relay", INTERNAL, 25, "reject"), {"incoming"}),
        (Rule("relay", "internet", 25, "drop"), {"outgoing"}),
        (Rule("any", "dns", 53, "drop"), {"dns"}),
    ],
)
def test_each_mistake_is_found_by_what_it_does(rule: Rule, fails: set[str]) -> None:
    assert failed(designed(None, rule)) == fails


def test_a_firewall_does_not_stop_relaying_the_server_does() -> None:
    shut = ending(designed(), "relaying")
    assert (shut.passed, shut.word) == (True, "550 5.7.1")
    assert "A firewall cannot stop relaying." in shut.why
    world = dmz()
    servers = [server._replace(relaying=()) if server.host == "relay" else server for server in world.servers]
    relaying = tuple(rule._replace(decision="relay") for rule in world.servers[3].relaying)
    servers[3] = world.servers[3]._replace(relaying=relaying)
    opened = designed(replace(world, servers=tuple(servers)))
    assert (ending(opened, "relaying").passed, ending(opened, "relaying").word) == (False, "relayed")


def test_a_second_mx_is_a_way_round_the_relay() -> None:
    model = designed(with_second_mx())
    assert model.site.exchangers == ("relay", INTERNAL)
    assert not ending(model, "bypass").passed
    assert "whatever the relay refuses comes in here" in ending(model, "bypass").why
    model.change(1, Rule("internet", INTERNAL, 25, "reject"))
    model.finish()
    assert ending(model, "bypass").passed


def test_a_second_mx_that_refuses_strangers_itself_is_no_way_round() -> None:
    world = dmz().with_rule(Rule("any", INTERNAL, 25, "accept"), at=1)
    model = designed(world.with_records("$ORIGIN example.co.jp.\n@ MX 20 inside\ninside A 10.0.0.25\n"))
    assert ending(model, "bypass").passed
    assert "port 25: reached (rule 1). 550 " in ending(model, "bypass").why


def test_a_provider_that_closes_port_25_stops_spam_and_a_company_that_sends_direct() -> None:
    model = designed(dmz(outbound="direct"))
    assert not model.op25b
    assert {trial.key for trial in model.trials} & {"op25b"} == set()
    model.set_op25b(True)
    model.finish()
    assert model.rules == dmz(outbound="direct", op25b=True).rules
    assert failed(model) == {"outgoing"}
    assert ending(model, "op25b").passed
    assert f"{INTERNAL} → mail.example.com, port 25: refused by the firewall (rule 2)." in ending(model, "outgoing").why
    model.set_op25b(False)
    assert model.rules == dmz(outbound="direct").rules


def test_smaller_worlds_are_tried_too() -> None:
    assert failed(designed(two_domains())) == {"infected"}
    assert failed(designed(single_server())) == set()


# -- what a fall exposes, what is written down, what is needed


def test_a_fallen_relay_shows_one_waiting_letter_and_no_mailbox() -> None:
    assert exposed(designed().exposure) == [
        "Mailboxes that he can read: 0, with 0 letters",
        "Letters that wait in its queue: 1",
        "Ways that he did not have before: 1",
        f"   relay → {INTERNAL}, 25",
    ]


def test_mailboxes_in_the_dmz_fall_with_their_server() -> None:
    model = designed(mailboxes_in_the_dmz(), Rule("internal", "relay", 143, "accept"))
    assert exposed(model.exposure)[0] == "Mailboxes that he can read: 1, with 1 letters"
    assert ending(model, "imap").passed


def test_another_host_may_fall() -> None:
    model = designed()
    model.let_fall("goto-pc")
    assert exposed(model.exposure) == ["not tried with these rules yet"]
    model.finish()
    assert any(f"goto-pc → {INTERNAL}, 143" in line for line in exposed(model.exposure))
    with pytest.raises(TopologyError):
        model.let_fall("nobody")


def test_the_log_has_what_a_rule_with_log_decided() -> None:
    logged = Rule("any", "relay", 25, "accept", log=True)
    assert not any("rule 1 (any -> relay:25)" in line for line in log(designed()))
    assert any("rule 1 (any -> relay:25)" in line for line in log(designed(None, logged)))


def test_a_needless_rule_is_found_and_a_needed_one_says_what_for() -> None:
    model = designed(None, Rule("attacker", "internal", 25, "drop"))
    found = model.check_needs()
    assert {number for number, one in found.items() if not one.breaks} == {1}
    assert found[4].breaks == "yamada@example.com → goto@example.co.jp"
    assert 2 not in found, "strangers among themselves are not the company's matter"
    model.remove(1)
    assert model.findings == {}
    assert all(one.breaks for one in model.check_needs().values())


def test_each_rule_counts_what_it_decided() -> None:
    model = designed()
    count = model.decided()
    assert count[3] > count[99] == 0
    model.remove(3)
    model.finish()
    assert model.decided()[5] == 0


def test_words_are_the_same_in_every_run() -> None:
    assert text(designed()) == text(designed())
    assert "127.0.0.1" not in text(designed(carrier="tcp"))


def test_nothing_runs_on_when_all_is_tried() -> None:
    before = set(running_labs)
    model = designed()
    assert set(running_labs) == before
    model.move(1, 2)
    assert set(running_labs) - before
    model.close()
    assert set(running_labs) == before


def test_it_leaves_a_lab_of_the_same_world_alone() -> None:
    with Lab(dmz(), name="a learner's", carrier="memory") as lab:
        designed(lab.topology, OPEN)
        assert lab.is_running
        assert len(lab.transcript) == 0
        assert lab.topology == dmz()
