"""Who may send whither."""

import pytest

from mailkit.mail.envelope import Address
from mailkit.server.relay_policy import RelayPolicy


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
    assert policy.decide(Address.parse(recipient), authenticated=authenticated) == decision
