"""A world as data: zones, hosts, rules, records, servers, people. It checks itself and says what is wrong.

Must not know: anything that runs.
"""

from __future__ import annotations

import difflib
import ipaddress
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from mailkit.locale import _
from mailkit.mail.envelope import Address
from mailkit.net.zones import ANY, Host, Rule, Zone
from mailkit.server.roles import PORTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailkit.net.zones import Action
    from mailkit.server.roles import Role

ACTIONS = ("accept", "reject", "drop")


class TopologyError(ValueError):
    """A topology that cannot be: the sentence says what was found, what was expected, what to do."""


class User(NamedTuple):
    """A person with a mailbox; the login name is the local part, or the whole address."""

    address: str
    name: str = ""


class MailServer(NamedTuple):
    """A mail role on a host: final for `domains`, listening on `ports`, known to the world as `hostname`.

    `mx_starttls`: port 25 offers TLS to other servers. `login_in_clear`: the bad old way, passwords without TLS.
    """

    host: str
    hostname: str
    domains: tuple[str, ...]
    ports: tuple[int, ...]
    users: tuple[User, ...] = ()
    mx_starttls: bool = False
    login_in_clear: bool = False

    def role(self, port: int) -> Role:
        """What it plays at that port."""
        return PORTS[port]


@dataclass(frozen=True, slots=True)
class Topology:
    """`zone_files` is standard zone-file text (RFC 1035 §5), each with its own $ORIGIN."""

    zones: tuple[Zone, ...]
    hosts: tuple[Host, ...]
    servers: tuple[MailServer, ...]
    zone_files: tuple[str, ...]
    rules: tuple[Rule, ...] = ()
    default: Action = "drop"

    def __post_init__(self) -> None:
        _check_hosts(self)
        _check_rules(self)
        _check_servers(self)

    def users(self) -> list[User]:
        """Everybody who has a mailbox somewhere."""
        return [user for server in self.servers for user in server.users]


def _known(what: str, name: str, names: Iterable[str], where: str) -> None:
    """Raise the sentence for a name that is none of `names`."""
    known = list(names)
    if name in known:
        return
    near = difflib.get_close_matches(name, known, 1)
    hint = _(" Did you mean {near!r}?").format(near=near[0]) if near else ""
    raise TopologyError(
        _("no {what} {name!r} in {where}; there are: {known}.").format(
            what=what, name=name, where=where, known=", ".join(known) or _("none")
        )
        + hint
    )


def _once(what: str, names: Iterable[str]) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            sentence = _("{what} {name!r} stands {count} times; name it once.")
            raise TopologyError(sentence.format(what=what, name=name, count=count))


def _check_hosts(topology: Topology) -> None:
    _once(_("zone"), (zone.name for zone in topology.zones))
    _once(_("host"), (host.name for host in topology.hosts))
    _once(_("address"), (host.address for host in topology.hosts))
    for host in topology.hosts:
        _known(_("zone"), host.zone, (z.name for z in topology.zones), _("host {name!r}").format(name=host.name))
        try:
            ipaddress.IPv4Address(host.address)
        except ValueError:
            raise TopologyError(
                _("host {host.name!r} has the address {host.address!r}; expected IPv4, such as 192.0.2.25.").format(
                    host=host
                )
            ) from None


def _check_rules(topology: Topology) -> None:
    places = [ANY, *(z.name for z in topology.zones), *(h.name for h in topology.hosts)]
    for number, rule in enumerate(topology.rules, 1):
        where = _("rule {number}").format(number=number)
        _known(_("zone or host"), rule.source, places, where)
        _known(_("zone or host"), rule.destination, places, where)
        _known(_("action"), rule.action, ACTIONS, where)
    _known(_("action"), topology.default, ACTIONS, _("the firewall's default"))


def _check_servers(topology: Topology) -> None:
    _once(_("user"), (user.address.lower() for user in topology.users()))
    for server in topology.servers:
        where = _("mail server {name!r}").format(name=server.hostname)
        _known(_("host"), server.host, (h.name for h in topology.hosts), where)
        for port in server.ports:
            _known(_("port"), str(port), map(str, PORTS), where)
        for user in server.users:
            try:
                domain = Address.parse(user.address).domain
            except ValueError as error:
                raise TopologyError(f"{where}: {error}.") from None
            _known(
                _("domain"),
                domain,
                server.domains,
                _("{where}, user {user!r}").format(where=where, user=user.address),
            )


YAMADA = User("yamada@example.com", "Yamada")
GOTO = User("goto@example.co.jp", "Goto")


def two_domains(sender: User = YAMADA, recipient: User = GOTO) -> Topology:
    """Company A writes to company B: two mail servers, three PCs, one DNS. The smallest world with three hops.

    The sender's domain is company A's, the recipient's is company B's. Their PCs are called after them.
    """
    (writer, domain_a), (reader, domain_b) = (user.address.split("@") for user in (sender, recipient))
    mail_a, mail_b = f"mail.{domain_a}", f"mail.{domain_b}"
    return Topology(
        zones=(Zone("company-a", _("Company A")), Zone("internet", _("Internet")), Zone("company-b", _("Company B"))),
        hosts=(
            Host(f"{writer}-pc", "192.168.1.10", "company-a", _("{name}'s PC").format(name=sender.name)),
            Host(mail_a, "192.0.2.25", "company-a", _("Company A's mail server")),
            Host("dns", "203.0.113.53", "internet", _("DNS")),
            Host(f"{reader}-mobile", "203.0.113.77", "internet", _("{name}'s mobile PC").format(name=recipient.name)),
            Host(mail_b, "198.51.100.25", "company-b", _("Company B's mail server")),
            Host(f"{reader}-pc", "10.0.0.21", "company-b", _("{name}'s office PC").format(name=recipient.name)),
        ),
        rules=(
            Rule(ANY, mail_a, 25, "accept"),
            Rule(ANY, mail_b, 25, "accept"),
            Rule("internet", mail_b, 143, "accept"),
            Rule("internet", mail_b, 587, "accept"),
            Rule(ANY, "dns", 53, "accept"),
        ),
        servers=(
            MailServer(mail_a, mail_a, (domain_a,), (25, 587, 143), (sender,)),
            MailServer(mail_b, mail_b, (domain_b,), (25, 587, 110, 143), (recipient,)),
        ),
        zone_files=(_zone_file(domain_a, "192.0.2.25"), _zone_file(domain_b, "198.51.100.25")),
    )


def _zone_file(domain: str, mail_server: str) -> str:
    return f"""\
$ORIGIN {domain}.
$TTL 3600
@     SOA  ns hostmaster 1 7200 900 1209600 300
@     NS   ns
ns    A    203.0.113.53
@     MX   10 mail
mail  A    {mail_server}
"""
