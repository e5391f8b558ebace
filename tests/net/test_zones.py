"""The firewall: what it lets through, and which rule says so."""

import pytest

from mailkit.net.zones import ANY, Firewall, Host, Rule, Verdict

PC = Host("pc", "192.168.1.10", "office")
MAIL = Host("mail", "192.168.1.25", "office")
RELAY = Host("relay", "192.0.2.25", "dmz")
WEB = Host("web", "192.0.2.80", "dmz")
STRANGER = Host("stranger", "203.0.113.9", "internet")


def test_the_first_rule_that_matches_decides() -> None:
    firewall = Firewall((Rule(ANY, "dmz", 25, "reject"), Rule(ANY, "dmz", 25, "accept")))
    assert firewall.decide(STRANGER, RELAY, 25) == Verdict("reject", 1)


def test_a_rule_further_down_is_named_by_its_number_from_one() -> None:
    firewall = Firewall((Rule("office", ANY, 25, "reject"), Rule("internet", "dmz", 25, "accept")))
    assert firewall.decide(STRANGER, RELAY, 25) == Verdict("accept", 2)


@pytest.mark.parametrize(
    ("rule", "applies"),
    [
        (Rule("internet", "dmz", 25, "accept"), True),
        (Rule("stranger", "relay", 25, "accept"), True),
        (Rule("internet", "relay", 25, "accept"), True),
        (Rule(ANY, ANY, 25, "accept"), True),
        (Rule(ANY, ANY, None, "accept"), True),
        (Rule("internet", "web", 25, "accept"), False),
        (Rule("office", "dmz", 25, "accept"), False),
        (Rule("dmz", "internet", 25, "accept"), False),
        (Rule("internet", "dmz", 587, "accept"), False),
    ],
)
def test_a_rule_matches_by_zone_by_host_or_any_and_by_port(rule: Rule, applies: bool) -> None:
    verdict = Firewall((rule,), default="drop").decide(STRANGER, RELAY, 25)
    assert verdict == (Verdict("accept", 1) if applies else Verdict("drop", None))


@pytest.mark.parametrize("default", ["accept", "reject", "drop"])
def test_where_no_rule_matches_the_default_decides(default: str) -> None:
    assert Firewall((), default).decide(STRANGER, RELAY, 25) == Verdict(default, None)  # type: ignore[arg-type]


def test_without_a_word_about_it_the_default_is_drop() -> None:
    assert Firewall().decide(STRANGER, RELAY, 25).action == "drop"


def test_traffic_inside_one_zone_never_meets_the_firewall() -> None:
    firewall = Firewall((Rule(ANY, ANY, None, "drop"),), default="drop")
    assert firewall.decide(PC, MAIL, 25) == Verdict("accept", None)
    assert firewall.decide(WEB, RELAY, 25) == Verdict("accept", None)


def test_a_rule_for_one_direction_says_nothing_of_the_other() -> None:
    firewall = Firewall((Rule("office", "internet", None, "accept"),))
    assert firewall.decide(PC, STRANGER, 25).action == "accept"
    assert firewall.decide(STRANGER, PC, 25).action == "drop"
