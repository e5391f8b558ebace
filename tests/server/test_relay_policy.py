"""Who may send whither."""

import pytest

from mailkit.mail.envelope import Address
from mailkit.server.relay_policy import ANY, OWN, RelayPolicy, RelayRule, Ruling


@pytest.mark.parametrize(
    ("recipient", "authenticated", "decision"),
    [
        ("a@example.com", False, "accept"),
        ("a@EXAMPLE.com", False, "accept"),
        ("a@example.net", False, "accept"),
        ("a@example.org", False, "refuse"),
        ("a@sub.example.com", False, "refuse"),
        ("a@example.com.evil.example", False, "refuse"),
        ("a@example.com", True, "accept"),
        ("a@example.org", True, "relay"),
    ],
)
def test_strangers_reach_its_own_domains_and_who_logged_in_reaches_all(
    recipient: str, authenticated: bool, decision: str
) -> None:
    policy = RelayPolicy(("example.com", "example.net"))
    assert policy.decide(Address.parse(recipient), authenticated=authenticated).decision == decision


DMZ = RelayPolicy(
    ("example.co.jp",),
    (
        RelayRule("internet", None, OWN, "relay"),
        RelayRule("internal", None, ANY, "relay"),
        RelayRule("partner-host", None, "example.org", "relay"),
    ),
)


@pytest.mark.parametrize(
    ("zone", "host", "recipient", "ruling"),
    [
        ("internet", "mail.example.com", "goto@example.co.jp", Ruling("relay", 1)),
        ("internet", "mail.example.com", "a@example.org", Ruling("refuse", None)),
        ("internal", "internal", "a@example.org", Ruling("relay", 2)),
        ("internet", "partner-host", "a@example.org", Ruling("relay", 3)),
        ("internet", "partner-host", "a@example.net", Ruling("refuse", None)),
    ],
)
def test_a_row_may_ask_where_the_caller_stands(zone: str, host: str, recipient: str, ruling: Ruling) -> None:
    assert DMZ.decide(Address.parse(recipient), authenticated=False, zone=zone, host=host) == ruling


def test_the_first_row_that_matches_decides() -> None:
    relay_all, refuse_all = RelayRule(ANY, None, ANY, "relay"), RelayRule(ANY, None, ANY, "refuse")
    recipient = Address.parse("a@example.org")
    assert RelayPolicy((), (relay_all, refuse_all)).decide(recipient, authenticated=False) == ("relay", 1)
    assert RelayPolicy((), (refuse_all, relay_all)).decide(recipient, authenticated=False) == ("refuse", 1)


@pytest.mark.parametrize(
    "recipient",
    ["victim%example.org@example.com", '"victim@example.org"@example.com', "example.org!victim@example.com"],
)
def test_a_second_address_hidden_in_the_local_part_is_not_looked_at(recipient: str) -> None:
    policy = RelayPolicy(("example.com",))
    assert policy.decide(Address.parse(recipient), authenticated=False) == ("accept", 1)
