"""A world that cannot be says so: what was found, what was expected, what to do."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from mailkit.lab.story import two_domains
from mailkit.lab.topology import MailServer, Route, Topology, TopologyError, User
from mailkit.net.dns import Resolver, ZoneFileError
from mailkit.net.zones import Host, Rule, Zone
from mailkit.server.relay_policy import USUAL, RelayRule

ZONES = (Zone("internet"), Zone("dmz"))
HOSTS = (Host("pc", "203.0.113.9", "internet"), Host("mail", "192.0.2.25", "dmz"))
SERVER = MailServer("mail", "mail.example.com", ("example.com",), (25, 587), (User("goto@example.com"),))


def world(**changes: Any) -> Topology:
    parts: dict[str, Any] = {"zones": ZONES, "hosts": HOSTS, "servers": (SERVER,), "zone_files": ()}
    return Topology(**(parts | changes))


def test_a_right_one_is_taken() -> None:
    assert world().users() == [User("goto@example.com")]
    assert [user.address for user in two_domains().users()] == ["yamada@example.com", "goto@example.co.jp"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"hosts": (*HOSTS, Host("web", "192.0.2.80", "dmzz"))},
            "no zone 'dmzz' in host 'web'; there are: internet, dmz. Did you mean 'dmz'?",
        ),
        (
            {"zones": (), "hosts": (HOSTS[0],), "servers": ()},
            "no zone 'internet' in host 'pc'; there are: none.",
        ),
        ({"zones": (*ZONES, Zone("dmz"))}, "zone 'dmz' stands 2 times; name it once."),
        ({"hosts": (*HOSTS, Host("pc", "203.0.113.10", "dmz"))}, "host 'pc' stands 2 times; name it once."),
        (
            {"hosts": (*HOSTS, Host("web", "192.0.2.25", "dmz"))},
            "address '192.0.2.25' stands 2 times; name it once.",
        ),
        (
            {"hosts": (*HOSTS, Host("web", "192.0.2.256", "dmz"))},
            "host 'web' has the address '192.0.2.256'; expected IPv4, such as 192.0.2.25.",
        ),
        (
            {"rules": (Rule("any", "dmz", 25, "accept"), Rule("intranet", "dmz", 25, "accept"))},
            "no zone or host 'intranet' in rule 2; there are: any, internet, dmz, pc, mail. Did you mean 'internet'?",
        ),
        (
            {"rules": (Rule("any", "mial", 25, "accept"),)},
            "no zone or host 'mial' in rule 1; there are: any, internet, dmz, pc, mail. Did you mean 'mail'?",
        ),
        (
            {"rules": (Rule("any", "any", 25, "acept"),)},
            "no action 'acept' in rule 1; there are: accept, reject, drop. Did you mean 'accept'?",
        ),
        (
            {"default": "dorp"},
            "no action 'dorp' in the firewall's default; there are: accept, reject, drop. Did you mean 'drop'?",
        ),
        (
            {"servers": (SERVER._replace(host="maill"),)},
            "no host 'maill' in mail server 'mail.example.com'; there are: pc, mail. Did you mean 'mail'?",
        ),
        (
            {"servers": (SERVER._replace(ports=(25, 58)),)},
            "no port '58' in mail server 'mail.example.com'; there are: 25, 587, 465, 110, 995, 143, 993. "
            "Did you mean '587'?",
        ),
        (
            {"servers": (SERVER._replace(users=(User("goto@example.org"),)),)},
            "no domain 'example.org' in mail server 'mail.example.com', user 'goto@example.org'; "
            "there are: example.com. Did you mean 'example.com'?",
        ),
        (
            {"servers": (SERVER._replace(users=(User("goto"),)),)},
            "mail server 'mail.example.com': 'goto' is no mail address; "
            "expected local-part@domain, such as goto@example.co.jp.",
        ),
        (
            {"servers": (SERVER._replace(users=(User("goto@example.com"), User("Goto@example.com"))),)},
            "user 'goto@example.com' stands 2 times; name it once.",
        ),
    ],
)
def test_a_typo_is_a_sentence(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(TopologyError) as caught:
        world(**changes)
    assert str(caught.value) == sentence


def test_a_world_does_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        world().default = "accept"  # type: ignore[misc]


def test_the_two_companies_reach_each_other_as_the_lesson_says() -> None:
    from mailkit.net.zones import Firewall

    two = two_domains()
    firewall, hosts = Firewall(two.rules, two.default), {host.name: host for host in two.hosts}
    lets = {
        (a, b, port)
        for a in hosts
        for b in ("mail.example.com", "mail.example.co.jp")
        for port in (25, 587, 110, 143)
        if hosts[a].zone != hosts[b].zone and firewall.decide(hosts[a], hosts[b], port).action == "accept"
    }
    assert lets == {
        *((a, "mail.example.com", 25) for a in ("dns", "goto-mobile", "mail.example.co.jp", "goto-pc")),
        *((a, "mail.example.co.jp", 25) for a in ("dns", "goto-mobile", "mail.example.com", "yamada-pc")),
        *((a, "mail.example.co.jp", port) for a in ("dns", "goto-mobile") for port in (587, 143)),
    }


def test_a_rule_more_goes_last_or_where_it_is_told() -> None:
    world, rule = two_domains(), Rule("internet", "any", None, "reject")
    assert world.with_rule(rule).rules == (*world.rules, rule)
    assert world.with_rule(rule, at=1).rules == (rule, *world.rules)
    assert world.with_rule(rule, at=2).without_rule(2) == world
    with pytest.raises(TopologyError, match="no rule '9' in the firewall"):
        world.without_rule(9)


def test_another_table_goes_to_the_server_that_is_named() -> None:
    table = [RelayRule("any", None, "any", "refuse")]
    world = two_domains().with_relaying("mail.example.co.jp", table)
    assert [server.relaying for server in world.servers] == [USUAL, tuple(table)]
    with pytest.raises(TopologyError, match="no host 'dns' in the mail servers"):
        world.with_relaying("dns", table)


def test_a_host_goes_with_its_servers_and_rules() -> None:
    world = two_domains().without("mail.example.com")
    assert "mail.example.com" not in {host.name for host in world.hosts}
    assert [server.host for server in world.servers] == ["mail.example.co.jp"]
    assert all("mail.example.com" not in (rule.source, rule.destination) for rule in world.rules)
    with pytest.raises(TopologyError, match="no host 'nobody' in this topology"):
        world.without("nobody")


def test_people_join_the_server_of_their_domain() -> None:
    world = two_domains().with_users(User("hara@example.co.jp", "Hara"), User("mori@Example.com"))
    assert [[user.address for user in server.users] for server in world.servers] == [
        ["yamada@example.com", "mori@Example.com"],
        ["goto@example.co.jp", "hara@example.co.jp"],
    ]
    with pytest.raises(TopologyError, match=r"no domain 'example\.org' in this topology"):
        two_domains().with_users(User("sato@example.org"))


def test_records_are_added_to_their_zone_or_as_a_new_one() -> None:
    world = two_domains().with_records("$ORIGIN example.co.jp.\n@ MX 20 backup\n")
    assert len(world.zone_files) == 2
    assert [mx.host for mx in Resolver(world.zone_files).mx("example.co.jp")] == [
        "mail.example.co.jp",
        "backup.example.co.jp",
    ]
    new = "$ORIGIN example.org.\n@ 60 SOA ns host 1 2 3 4 5\n@ 60 NS ns\n@ 60 MX 10 mail\n"
    assert Resolver(two_domains().with_records(new).zone_files).mx("example.org")[0].host == "mail.example.org"


@pytest.mark.parametrize(
    "records", ["$ORIGIN example.co.jp.\n@ MX backup\n", "$ORIGIN example.org.\n@ 60 A 192.0.2.1\n", ""]
)
def test_records_that_cannot_be_read_show_at_once(records: str) -> None:
    with pytest.raises(ZoneFileError, match="cannot be read"):
        two_domains().with_records(records)


# -- relaying


RELAY = SERVER._replace(users=(), routes=(Route("example.com", "pc"),), smarthost="pc")


def test_a_server_may_lead_mail_on() -> None:
    assert world(servers=(RELAY,)).servers[0].routes[0].via == "pc"


@pytest.mark.parametrize(
    ("server", "sentence"),
    [
        (
            RELAY._replace(smarthost="relay"),
            "no host 'relay' in mail server 'mail.example.com'; there are: pc, mail.",
        ),
        (
            RELAY._replace(routes=(Route("example.com", "mail"),)),
            "mail server 'mail.example.com' sends mail on to itself (mail); name the next server.",
        ),
        (
            RELAY._replace(relaying=(RelayRule("dmzz", None, "own", "accept"),)),
            "no zone or host 'dmzz' in mail server 'mail.example.com', relay rule 1; "
            "there are: any, internet, dmz, pc, mail. Did you mean 'dmz'?",
        ),
        (
            RELAY._replace(relaying=(RelayRule("any", None, "own", "acept"),)),  # type: ignore[arg-type]
            "no decision 'acept' in mail server 'mail.example.com', relay rule 1; "
            "there are: accept, relay, refuse. Did you mean 'accept'?",
        ),
        (
            RELAY._replace(relaying=(RelayRule("any", None, "mine", "accept"),)),
            "mail server 'mail.example.com', relay rule 1: 'mine' is no domain; expected a domain, 'own' or 'any'.",
        ),
    ],
)
def test_a_slip_in_relaying_gets_its_sentence(server: MailServer, sentence: str) -> None:
    with pytest.raises(TopologyError) as error:
        world(servers=(server,))
    assert str(error.value) == sentence
