"""What a host remembers of DNS: as long as the records say, by the lab's clock, and no longer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mailkit.net.clock import Clock
from mailkit.net.dns import MX, Resolver, ZoneFileError
from mailkit.net.dns_cache import CachingResolver

ZONE = """\
$ORIGIN example.com.
$TTL 3600
@     SOA  ns hostmaster 1 7200 900 1209600 300
@     NS   ns
ns    A    203.0.113.53
@     60 MX 10 mail
mail  A    192.0.2.25
www   20 CNAME mail
"""


class World:
    """One host's memory in front of one zone."""

    def __init__(self) -> None:
        self.clock, self.authority = Clock(), Resolver([ZONE], ["failing.example.com"])
        self.host = CachingResolver(self.authority, self.clock)

    def wait(self, seconds: float) -> None:
        self.clock.move_to(self.clock.now() + timedelta(seconds=seconds))


@pytest.fixture
def world() -> World:
    return World()


def test_a_changed_record_is_seen_when_the_time_to_live_of_the_old_one_is_over(world: World) -> None:
    assert world.host.mx("example.com") == [MX(10, "mail.example.com")]
    world.authority.change("$ORIGIN example.com.\n@ MX 10 other\n")
    world.wait(59)
    assert world.host.mx("Example.COM.") == [MX(10, "mail.example.com")]
    world.wait(1)
    assert world.host.mx("example.com") == [MX(10, "other.example.com")]


def test_that_nothing_is_there_is_remembered_as_long_as_the_soa_says(world: World) -> None:
    """RFC 2308 §5: the lesser of the SOA's own time to live (3600) and its last number (300)."""
    assert world.host.address("new.example.com") is None
    world.authority.change("$ORIGIN example.com.\nnew A 192.0.2.99\n")
    world.wait(299)
    assert world.host.address("new.example.com") is None
    world.wait(1)
    assert world.host.address("new.example.com") == "192.0.2.99"


def test_an_answer_by_an_alias_is_remembered_as_long_as_the_shortest_of_its_records(world: World) -> None:
    assert world.host.address("www.example.com") == "192.0.2.25"
    world.authority.change("$ORIGIN example.com.\nmail A 192.0.2.26\n")
    world.wait(20)
    assert world.host.address("www.example.com") == "192.0.2.26"


def test_a_failure_is_not_remembered(world: World) -> None:
    assert world.host.answer("failing.example.com", "A").rcode == "SERVFAIL"
    assert not world.host.holds("failing.example.com", "A")


def test_a_change_replaces_the_records_of_its_names_and_kinds_and_no_others(world: World) -> None:
    world.authority.change("$ORIGIN example.com.\n@ 5 MX 20 a\n@ MX 10 b\nmail TXT hello\n")
    assert world.authority.mx("example.com") == [MX(10, "b.example.com"), MX(20, "a.example.com")]
    assert world.authority.answer("example.com", "MX").ttl == 5
    assert world.authority.address("mail.example.com") == "192.0.2.25"
    assert world.authority.lookup("mail.example.com", "TXT") == ('"hello"',)


def test_a_new_domain_comes_as_a_whole_zone(world: World) -> None:
    world.authority.change(ZONE.replace("example.com", "example.net"))
    assert world.authority.mx("example.net") == [MX(10, "mail.example.net")]
    with pytest.raises(ZoneFileError, match=r"begins with '\$ORIGIN example.org.' cannot be read"):
        world.authority.change("$ORIGIN example.org.\n@ MX 10 mail\n")


@pytest.mark.parametrize("text", ["", "@ MX 10 mail", "$ORIGIN example.com.\n@ MX ten mail"])
def test_what_is_no_zone_file_text_is_named_and_changes_nothing(world: World, text: str) -> None:
    with pytest.raises(ZoneFileError, match="cannot be read"):
        world.authority.change(text)
    assert world.authority.mx("example.com") == [MX(10, "mail.example.com")]
