"""The relay table without a browser: real conversations decide, on both carriers; edits that cannot be are told."""

import tomllib
from dataclasses import replace

import pytest

from mailkit.lab.story import INTERNAL, dmz, single_server, two_domains
from mailkit.lab.topology import Topology, TopologyError
from mailkit.server.relay_policy import RelayRule
from mailkit.widgets import Ladder, RelayTable
from mailkit.widgets.relay_runs import Attempt, try_all
from mailkit.widgets.relay_table import RelayTableModel

A = "mail.example.com"
OPEN = RelayRule("any", None, "any", "relay")
CLOSED = RelayRule("any", None, "any", "refuse")
OWN = RelayRule("any", None, "own", "accept")


def table(world: Topology, host: str, *rules: RelayRule) -> RelayTableModel:
    model = RelayTableModel(world, host)
    if rules:
        model.put(rules)
    return model


def named(model: RelayTableModel, word: str) -> Attempt:
    return next(attempt for attempt in model.attempts if word in attempt.probe.title)


@pytest.mark.parametrize("carrier", ["memory", "tcp"])
@pytest.mark.parametrize(
    ("world", "host"),
    [(single_server(), A), (two_domains(), A), (two_domains(), "mail.example.co.jp"), (dmz(), "relay"), (dmz(), A)]
    + [(dmz(outbound=way), INTERNAL) for way in ("relay", "direct")],
)
def test_the_worlds_of_the_course_let_their_own_mail_through_and_no_stranger(world, host, carrier):
    attempts = try_all(world, host, carrier=carrier).attempts
    assert [a.probe.title for a in attempts if a.is_good is False] == []
    assert {a.probe.wanted for a in attempts} >= {"stop", "flow"}


def test_an_open_relay_is_told_by_where_the_letters_end():
    model = table(two_domains(), A, OPEN)
    relayed = [a for a in model.attempts if a.is_good is False]
    assert [a.probe.wanted for a in relayed] == ["stop"] * 3
    assert {a.taken_for for a in relayed} == {"example.co.jp"}
    assert {a.end for a in relayed} == {"filed"}
    assert "Letters of strangers passed on: 3. This is an open relay." in model.text()


def test_a_server_closed_too_far_loses_the_companys_mail():
    model = table(two_domains(), A, CLOSED, OWN)
    assert [a.end for a in model.attempts if a.is_good is False] == ["refused", "refused"]
    assert "Letters missing that have to arrive: 2." in model.text()


def test_the_first_row_that_matches_decides_and_none_is_a_refusal():
    model = table(two_domains(), A, OWN, CLOSED, OPEN)
    assert named(model, "A stranger writes").ruling == ("refuse", 2)
    assert "Row 2 refused it." in model.text()
    model.put([OWN])
    assert named(model, "A stranger writes").ruling == ("refuse", None)
    assert "No row matched, and that is a refusal." in model.text()


def test_a_percent_hack_counts_as_mail_for_the_domain_behind_the_at_sign():
    hack = named(table(two_domains(), A, OPEN), "Percent-hack")
    assert (hack.reply, hack.ruling, hack.is_good) == ("550 5.1.1 no such user here", ("relay", 1), True)
    behind = named(table(dmz(), "relay"), "Percent-hack")
    assert (behind.reply[:3], behind.end, behind.taken_for, behind.is_good) == ("250", "bounced", "example.co.jp", True)


def test_a_source_route_is_read_over_so_the_victim_behind_it_counts():
    assert named(table(two_domains(), A, OPEN), "Source route").is_good is False


def test_without_a_login_the_submission_port_refuses_before_the_table_is_asked():
    attempt = named(table(two_domains(), "mail.example.co.jp", OPEN), "at the door for people")
    assert (attempt.verb, attempt.reply[:3], attempt.ruling) == ("MAIL", "530", None)


def test_a_firewall_that_lets_nobody_in_is_not_counted_as_the_tables_work():
    attempt = named(table(single_server(), A), "at the door for people")
    assert (attempt.verdict, attempt.end, attempt.ruling) == ("drop", "unreached", None)


def test_where_nobody_logs_in_the_companys_own_pc_needs_a_row_for_its_zone():
    world = two_domains()
    server = world.servers[0]._replace(ports=(25,))
    model = table(replace(world, servers=(server, *world.servers[1:])), A)
    assert named(model, "own PC").is_good is False
    model.add(RelayRule("company-a", None, "any", "relay"), at=2)
    assert named(model, "own PC").ruling == ("relay", 2)
    assert [a for a in model.attempts if a.is_good is False] == []


def test_greylisting_does_not_stand_in_the_tables_way():
    world = two_domains()
    server = world.servers[0]._replace(greylisting=True)
    model = table(replace(world, servers=(server, *world.servers[1:])), A)
    assert [a.reply for a in model.attempts if a.is_good is False] == []


def test_edits_keep_the_order_that_was_asked_for():
    model = table(two_domains(), A)
    first, second, third = model.rules
    model.move(3, 1)
    assert model.rules == (third, first, second)
    model.move(1, 99)
    assert model.rules == (first, second, third)
    model.change(2, authenticated=None, recipient="example.org")
    assert model.rules[1] == RelayRule("any", None, "example.org", "relay")
    model.add()
    model.remove(2)
    assert model.rules == (first, third, CLOSED)
    model.reset()
    assert model.rules == (first, second, third)


@pytest.mark.parametrize(
    "edit",
    [
        lambda model: model.remove(4),
        lambda model: model.move(0, 1),
        lambda model: model.change(1, source="moon"),
        lambda model: model.add(CLOSED._replace(decision="no")),
    ],
)
def test_an_edit_that_cannot_be_is_told_and_changes_nothing(edit):
    model = table(two_domains(), A)
    before, trial = model.rules, model.trial
    with pytest.raises(TopologyError):
        edit(model)
    assert (model.rules, model.trial) == (before, trial)


def test_no_such_server():
    with pytest.raises(LookupError, match="no mail server on 'moon'; there are: mail"):
        RelayTableModel(two_domains(), "moon")


def test_python_and_toml_say_the_same_table():
    model = table(two_domains(), A, OWN, RelayRule('a"b.example', True, "any", "relay")._replace(source="company-a"))
    written = eval(f"dict({model.to_python()})", {"RelayRule": RelayRule})
    assert written["relaying"] == model.rules
    rows = tomllib.loads(model.to_toml())["relaying"]
    assert [{"authenticated": None} | row for row in rows] == [rule._asdict() for rule in model.rules]


def test_its_world_has_the_table_and_its_run_is_a_run_for_the_ladder():
    shown = RelayTable(two_domains(), A)
    shown.rules = [OWN]
    assert shown.topology.servers[0].relaying == (OWN,)
    assert "550 5.7.1 relaying denied" in repr(Ladder(shown.run))
    assert repr(shown) == shown.model.text()


def test_the_page_edits_and_reads_what_could_not_be():
    shown = RelayTable(two_domains(), A)
    shown._heard(None, {"do": "change", "row": 2, "field": "authenticated", "value": "either"}, None)
    assert shown.rules[1] == OPEN
    shown._heard(None, {"do": "remove", "row": 9}, None)
    assert shown._picture["problem"] == "no row 9 in the table; there are 3."
    shown._heard(None, {"do": "change", "row": 1, "field": "__class__", "value": "x"}, None)
    shown._heard(None, {"do": "move", "row": "1"}, None)
    assert shown.rules[1] == OPEN


def test_a_trial_that_ends_as_before_is_still_answered():
    shown, answers = RelayTable(two_domains(), A), []
    shown.observe(answers.append, "_picture")
    for _ in range(2):
        shown._heard(None, {"do": "try"}, None)
    assert len(answers) == 2


def test_titles_from_a_hostile_world_stay_text():
    world = two_domains()
    evil = '<img src=x onerror="alert(1)">\u202e\x07'
    hosts = tuple(h._replace(title=evil) if h.name == "yamada-pc" else h for h in world.hosts)
    shown = RelayTable(replace(world, hosts=hosts), A)
    shown.rules = [RelayRule("yamada-pc", None, "any", "relay")]
    assert "\u202e" not in repr(shown._picture["rules"])
    assert "<img" not in shown.svg()
    assert "\x07" not in shown.svg()
