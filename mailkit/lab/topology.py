"""A world as data: zones, hosts, rules, records, servers, people. It checks itself and says what is wrong.

Must not know: anything that runs.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from mailkit.locale import _
from mailkit.mail.envelope import Address
from mailkit.net.zones import ANY, Action, Host, Rule, Zone
from mailkit.server.relay_policy import ANY as ANYBODY
from mailkit.server.relay_policy import OWN, USUAL, Decision, RelayRule
from mailkit.server.roles import PORTS

if TYPE_CHECKING:
    from collections.abc import Iterable

Certificate = Literal["good", "expired", "wrong-name", "self-signed"]
"""What a server shows in TLS; a client that checks believes the good one alone."""
ACTIONS, DECISIONS = get_args(Action), get_args(Decision)


class TopologyError(ValueError):
    """A topology that cannot be: the sentence says what was found, what was expected, what to do."""


class User(NamedTuple):
    """A person with a mailbox; the login name is the local part, or the whole address."""

    address: str
    name: str = ""


class Route(NamedTuple):
    """Mail for `domain` goes to the host `via`, whatever DNS says: a relay's way to the server behind it."""

    domain: str
    via: str


class MailServer(NamedTuple):
    """A mail role on a host: it takes mail for `domains`, listens on `ports`, is known to the world as `hostname`.

    It is final for its domains unless a route leads on. `smarthost` is the next hop for all that no route names;
    without one, DNS is asked. `relaying` is its ordered table of who may send where.
    `mx_starttls`: port 25 offers TLS to other servers. `login_in_clear`: the bad old way, passwords without TLS, at
    587, 110 and 143; without it they are refused before TLS (RFC 8314 §3), unless the lab has no TLS at all. `apop`:
    POP3 offers the old login by a digest in place of the password (RFC 1939 §7).
    `greylisting`: port 25 asks strangers to come again (RFC 6647).
    """

    host: str
    hostname: str
    domains: tuple[str, ...]
    ports: tuple[int, ...]
    users: tuple[User, ...] = ()
    certificate: Certificate = "good"
    mx_starttls: bool = False
    login_in_clear: bool = False
    apop: bool = False
    routes: tuple[Route, ...] = ()
    smarthost: str = ""
    relaying: tuple[RelayRule, ...] = USUAL
    greylisting: bool = False


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

    # -- the same world with one thing changed

    def with_rule(self, rule: Rule, at: int | None = None) -> Topology:
        """With one more rule: as number `at`, counted from 1, or as the last one."""
        place = len(self.rules) if at is None else at - 1
        return replace(self, rules=(*self.rules[:place], rule, *self.rules[place:]))

    def without_rule(self, number: int) -> Topology:
        """Without the rule of that number, counted from 1."""
        known(_("rule"), str(number), map(str, range(1, len(self.rules) + 1)), _("the firewall"))
        return replace(self, rules=(*self.rules[: number - 1], *self.rules[number:]))

    def without(self, host: str) -> Topology:
        """Without a host, its servers, and the rules that name it."""
        known(_("host"), host, (h.name for h in self.hosts), _("this topology"))
        return replace(
            self,
            hosts=tuple(h for h in self.hosts if h.name != host),
            servers=tuple(s for s in self.servers if s.host != host),
            rules=tuple(r for r in self.rules if host not in (r.source, r.destination)),
        )

    def with_users(self, *users: User) -> Topology:
        """With more people, each at the server that takes mail for the domain of his address."""
        servers = list(self.servers)
        for user in users:
            domain = user.address.rpartition("@")[2].lower()
            known(_("domain"), domain, (d for s in servers for d in s.domains), _("this topology"))
            at = next(at for at, server in enumerate(servers) if domain in server.domains)
            servers[at] = servers[at]._replace(users=(*servers[at].users, user))
        return replace(self, servers=tuple(servers))

    def with_relaying(self, host: str, rules: Iterable[RelayRule]) -> Topology:
        """With another table of who may send where, at the mail server on a host."""
        known(_("host"), host, (server.host for server in self.servers), _("the mail servers"))
        table = tuple(rules)
        return replace(self, servers=tuple(s._replace(relaying=table) if s.host == host else s for s in self.servers))

    def with_records(self, records: str) -> Topology:
        """With more DNS: zone-file text. Where it opens with the $ORIGIN of a zone that is there, it is added to it.

        ZoneFileError for what cannot be read. In `zone_files` itself that shows at the lab's first look-up only: to
        read them all before would make a lab's start a quarter longer, and those of the course are known to be right.
        """
        from mailkit.net.dns import check

        grown, at = self._grown(records)
        check(grown[at])
        return replace(self, zone_files=grown)

    def _grown(self, records: str) -> tuple[tuple[str, ...], int]:
        """The zone files with these records, and which of them has changed."""
        origin = _origin(records)
        same = [at for at, text in enumerate(self.zone_files) if origin and _origin(text) == origin]
        if not same:
            return (*self.zone_files, records), len(self.zone_files)
        grown = list(self.zone_files)
        grown[same[0]] = grown[same[0]].rstrip("\n") + "\n" + records
        return tuple(grown), same[0]


def _origin(zone_file: str) -> str:
    """The domain that the text begins with, lower case; "" when it does not say."""
    words = zone_file.split(maxsplit=2)
    return words[1].lower() if len(words) > 1 and words[0].upper() == "$ORIGIN" else ""


def known(what: str, name: str, names: Iterable[str], where: str) -> None:
    """Raise the sentence for a name that is none of `names`."""
    known = list(names)
    if name in known:
        return
    import difflib  # only a topology with a mistake needs it

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
        known(_("zone"), host.zone, (z.name for z in topology.zones), _("host {name!r}").format(name=host.name))
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
        known(_("zone or host"), rule.source, places, where)
        known(_("zone or host"), rule.destination, places, where)
        known(_("action"), rule.action, ACTIONS, where)
    known(_("action"), topology.default, ACTIONS, _("the firewall's default"))


def _check_servers(topology: Topology) -> None:
    _once(_("user"), (user.address.lower() for user in topology.users()))
    for server in topology.servers:
        where = _("mail server {name!r}").format(name=server.hostname)
        known(_("host"), server.host, (h.name for h in topology.hosts), where)
        known(_("certificate"), server.certificate, get_args(Certificate), where)
        for port in server.ports:
            known(_("port"), str(port), map(str, PORTS), where)
        _check_relaying(topology, server, where)
        for user in server.users:
            try:
                domain = Address.parse(user.address).domain
            except ValueError as error:
                raise TopologyError(f"{where}: {error}.") from None
            known(
                _("domain"),
                domain,
                server.domains,
                _("{where}, user {user!r}").format(where=where, user=user.address),
            )


def _check_relaying(topology: Topology, server: MailServer, where: str) -> None:
    hosts = [host.name for host in topology.hosts]
    for next_hop in (*(route.via for route in server.routes), *filter(None, [server.smarthost])):
        known(_("host"), next_hop, hosts, where)
        if next_hop == server.host:
            sentence = _("{where} sends mail on to itself ({host}); name the next server.")
            raise TopologyError(sentence.format(where=where, host=next_hop))
    places = [ANYBODY, *(zone.name for zone in topology.zones), *hosts]
    for number, rule in enumerate(server.relaying, 1):
        row = _("{where}, relay rule {number}").format(where=where, number=number)
        known(_("zone or host"), rule.source, places, row)
        known(_("decision"), rule.decision, DECISIONS, row)
        if rule.recipient not in (ANYBODY, OWN) and "." not in rule.recipient:
            sentence = _("{row}: {recipient!r} is no domain; expected a domain, 'own' or 'any'.")
            raise TopologyError(sentence.format(row=row, recipient=rule.recipient))
