"""A topology written down and read back, and what is said of text that is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mailkit.lab.story import direct_to_pc, dmz, four_servers, open_relay, single_server, two_domains
from mailkit.lab.topology import MailServer, Topology, TopologyError
from mailkit.lab.topology_text import from_toml, to_toml
from mailkit.net.dns import ZoneFileError
from mailkit.net.zones import Rule

SMALL = """\
default = "reject"
zone_files = ["$ORIGIN example.com.\\n@ 60 SOA ns host 1 2 3 4 5\\n@ 60 NS ns\\n"]

[[zone]]
name = "office"

[[host]]
name = "mail"
address = "192.0.2.25"
zone = "office"

[[rule]]
source = "any"
destination = "mail"
port = 25
action = "accept"

[[server]]
host = "mail"
hostname = "mail.example.com"
domains = ["example.com"]
ports = [25, 143]
users = [{address = "yamada@example.com", name = "Yamada"}]
"""


@pytest.mark.parametrize(
    "world",
    [
        two_domains().with_rule(Rule("internet", "any", None, "reject", log=True)),
        single_server(),
        direct_to_pc(),
        four_servers(),
        open_relay(),
        dmz(outbound="direct", op25b=True),
        replace(single_server(), servers=(single_server().servers[0]._replace(login_in_clear=True, apop=True),)),
    ],
)
def test_what_was_written_is_read_back(world: Topology) -> None:
    assert from_toml(to_toml(world)) == world


def test_greylisting_is_yes_or_no_and_left_out_it_is_no() -> None:
    with_it = from_toml(SMALL.replace("ports =", "greylisting = true\nports ="))
    assert [server.greylisting for server in (*with_it.servers, *from_toml(SMALL).servers)] == [True, False]
    assert from_toml(to_toml(with_it)) == with_it
    with pytest.raises(TopologyError, match=r"server 1: greylisting is 'yes'; expected something like true"):
        from_toml(SMALL.replace("ports =", 'greylisting = "yes"\nports ='))


def test_every_flag_is_written_and_read_back() -> None:
    world, (rule, *_) = dmz(), dmz().rules
    options = {name: not usual for name, usual in MailServer._field_defaults.items() if isinstance(usual, bool)}
    servers = tuple(server._replace(**options) for server in world.servers)
    changed = replace(world, servers=servers, rules=(rule._replace(log=True),))
    assert from_toml(to_toml(changed)) == changed
    for flag in (*options, "log"):
        with pytest.raises(TopologyError, match=rf"{flag} is 'yes'; expected something like true"):
            from_toml(to_toml(changed).replace(f"{flag} = true", f'{flag} = "yes"'))


def test_it_can_be_written_by_hand() -> None:
    world = from_toml(SMALL)
    assert world.default == "reject"
    assert world.rules == (Rule("any", "mail", 25, "accept"),)
    assert world.servers[0].users[0].name == "Yamada"
    assert from_toml(to_toml(world)) == world


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('default = "reject"', "default = ", "this is not TOML"),
        ("[[rule]]", "[[rules]]", "no table 'rules' in the topology"),
        ("[[zone]]", "[zone]", r"zone must be written as \[\[zone\]\]"),
        ('address = "192.0.2.25"', "", "host 1 has no 'address'; it needs: name, address, zone"),
        ("destination =", "destiny =", "no field 'destiny' in rule 1; .* Did you mean 'destination'"),
        ("port = 25", 'port = "25"', "rule 1: port is '25'; expected something like 25"),
        (
            "ports = [25, 143]",
            'ports = [25, 143]\napop = "yes"',
            "server 1: apop is 'yes'; expected something like true",
        ),
        ("port = 25", "port = 25\nlog = 1", "rule 1: log is 1; expected something like true"),
        ("ports = [25, 143]", 'ports = [25, "imap"]', "server 1: ports is .*; expected something like"),
        ("ports = [25, 143]", "ports = [25, true]", "server 1: ports is .*; expected something like"),
        ('{address = "yamada@example.com", ', "{", "server 1, users 1 has no 'address'"),
        ('zone = "office"', 'zone = "offfice"', "no zone 'offfice' in host 'mail'; there are: office. Did you mean"),
        ('action = "accept"', 'action = "allow"', "no action 'allow' in rule 1"),
    ],
)
def test_each_slip_gets_its_sentence(old: str, new: str, sentence: str) -> None:
    assert old in SMALL
    with pytest.raises(TopologyError, match=sentence):
        from_toml(SMALL.replace(old, new))


def test_a_rule_without_a_port_is_for_any() -> None:
    assert from_toml(SMALL.replace("port = 25\n", "")).rules[0].port is None


def test_a_zone_file_that_cannot_be_read_shows_when_the_text_is_read() -> None:
    with pytest.raises(ZoneFileError, match="cannot be read"):
        from_toml(SMALL.replace("60 NS ns", "60 MX ns"))


def test_a_rule_is_written_down_by_the_firewall_only_where_it_says_so() -> None:
    world = from_toml(SMALL.replace("port = 25\n", "port = 25\nlog = true\n"))
    assert world.rules[0].log
    assert "log = true" in to_toml(world)
    assert "log" not in to_toml(from_toml(SMALL))
