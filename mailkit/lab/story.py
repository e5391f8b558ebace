"""The worlds of the course: company A, company B, and the internet between them, as COURSE's story has them.

Must not know: anything that runs. Each is a `Topology`; change one by `with_rule`, `without`, `with_records`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from mailkit.lab.topology import MailServer, Route, Topology, User
from mailkit.locale import _
from mailkit.net.zones import ANY, Host, Rule, Zone
from mailkit.server.relay_policy import ANY as ANYBODY
from mailkit.server.relay_policy import OWN, USUAL, RelayRule

YAMADA = User("yamada@example.com", "Yamada")
GOTO = User("goto@example.co.jp", "Goto")
SATO = User("sato@example.org", "Sato")
GOTO_AT_ISP = User("goto@isp.example", "Goto")
INTERNAL = "mail.example.co.jp"
"""Company B's internal server. The public DNS does not know it; its own segment does."""
BACKUP = "backup.example.co.jp"
_HOLDS_FOR_B = RelayRule(ANYBODY, None, "example.co.jp", "relay")
_ZONE_WITHOUT_MX = """\
$ORIGIN example.org.
$TTL 3600
@     SOA  ns hostmaster 1 7200 900 1209600 300
@     NS   ns
ns    A    203.0.113.53
@     A    203.0.113.25
mail  A    203.0.113.25
www   A    203.0.113.80
"""


def two_domains(sender: User = YAMADA, recipient: User = GOTO) -> Topology:
    """Company A writes to company B: two mail servers, three PCs, one DNS. The smallest world with three hops.

    The sender's domain is company A's, the recipient's is company B's. Their PCs are called after them.
    """
    (writer, domain_a), (reader, domain_b) = (user.address.split("@") for user in (sender, recipient))
    mail_a, mail_b = f"mail.{domain_a}", f"mail.{domain_b}"
    return Topology(
        zones=(Zone("company-a", _("Company A")), Zone("internet", _("Internet")), Zone("company-b", _("Company B"))),
        hosts=(
            Host(f"{writer}-pc", "192.168.1.10", "company-a", _pc(sender)),
            Host(mail_a, "192.0.2.25", "company-a", _("Company A's mail server")),
            _dns(),
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


def two_pcs() -> Topology:
    """The two companies, where Goto fetches his mail at both of his PCs, by POP3 or by IMAP."""
    return two_domains().with_rule(Rule("internet", INTERNAL, 110, "accept"))


def four_servers() -> Topology:
    """The two companies, a second mail server of company B's, and a third party that takes mail without an MX record.

    The second server has no mailboxes: it holds company B's mail until the first one answers. The third party's server
    would do the same, if the MX records named it. `www.example.org` has an address, and nobody there takes mail.
    """
    world = two_domains()
    zone_a, zone_b = world.zone_files
    return replace(
        world,
        hosts=(
            *world.hosts,
            Host(BACKUP, "203.0.113.35", "internet", _("Company B's backup mail server")),
            Host("mail.example.org", "203.0.113.25", "internet", _("A third party's mail server")),
            _attacker(),
        ),
        rules=(*world.rules, Rule(ANY, BACKUP, 25, "accept"), Rule(ANY, "mail.example.org", 25, "accept")),
        servers=(
            *world.servers,
            MailServer(BACKUP, BACKUP, (), (25,), relaying=(_HOLDS_FOR_B, RelayRule(ANYBODY, None, ANYBODY, "refuse"))),
            MailServer(
                "mail.example.org",
                "mail.example.org",
                ("example.org",),
                (25,),
                (SATO,),
                relaying=(_HOLDS_FOR_B, *USUAL),
            ),
        ),
        zone_files=(
            zone_a,
            # The worse one first: whoever reads the records has to look at the numbers.
            zone_b.replace("@     MX   10 mail\n", "@     MX   20 backup\n@     MX   10 mail\n")
            + "backup A  203.0.113.35\n",
            _ZONE_WITHOUT_MX,
        ),
    )


def single_server(*users: User) -> Topology:
    """One company, one server with 25, 587 and all ways to fetch; `users` are of one domain, else Yamada alone."""
    people = users or (YAMADA,)
    domain = people[0].address.split("@")[1]
    mail = f"mail.{domain}"
    pcs = (
        Host(f"{user.address.split('@')[0]}-pc", f"192.168.1.{number}", "company-a", _pc(user))
        for number, user in enumerate(people, 10)
    )
    return Topology(
        zones=(Zone("company-a", _("Company A")), Zone("internet", _("Internet"))),
        hosts=(*pcs, Host(mail, "192.0.2.25", "company-a", _("Company A's mail server")), _dns(), _attacker()),
        rules=(Rule(ANY, mail, 25, "accept"), Rule(ANY, "dns", 53, "accept")),
        servers=(MailServer(mail, mail, (domain,), (25, 587, 465, 110, 995, 143, 993), people),),
        zone_files=(_zone_file(domain, "192.0.2.25"),),
    )


def open_relay() -> Topology:
    """The two companies, a third party and an attacker; company A's server relays for anybody, by its second row.

    The mobile PCs are on the lines of an ISP, which lets them call any port 25 as long as no rule says otherwise.
    """
    world = two_domains()
    company_a, company_b = world.servers
    table = (RelayRule(ANYBODY, None, OWN, "accept"), RelayRule(ANYBODY, None, ANYBODY, "relay"))
    third = MailServer("mail.example.org", "mail.example.org", ("example.org",), (25,), (SATO,))
    at_home = (host for host in world.hosts if host.name != "goto-mobile")
    return replace(
        world,
        zones=(*world.zones, Zone("isp", _("ISP's lines"))),
        hosts=(*at_home, *_mobile_pcs(), _third_party(), _attacker()),
        rules=(
            *(Rule(ANY, server.host, 25, "accept") for server in (company_a, company_b, third)),
            *(Rule(zone, server.host, 587, "accept") for zone in ("internet", "isp") for server in world.servers),
            Rule(ANY, "dns", 53, "accept"),
        ),
        servers=(company_a._replace(relaying=table), company_b, third),
        zone_files=(*world.zone_files, _zone_file("example.org", _third_party().address)),
    )


def direct_to_pc(*, firewall: bool = True) -> Topology:
    """Goto's office PC takes mail itself, as goto@goto-pc.example.co.jp, beside goto@example.co.jp at the server.

    With `firewall`, nobody from outside reaches the PC; without, its port 25 is open to all.
    """
    world = two_domains()
    pc = "goto-pc.example.co.jp"
    at_home = MailServer("goto-pc", pc, (pc,), (25, 143), (User(f"goto@{pc}", "Goto"),))
    records = "goto-pc  A  10.0.0.21\n"
    opened = world if firewall else world.with_rule(Rule(ANY, "goto-pc", 25, "accept"))
    zone_a, zone_b = world.zone_files
    return replace(opened, servers=(*opened.servers, at_home), zone_files=(zone_a, zone_b + records))


def dmz(*, outbound: Literal["relay", "direct"] = "relay", op25b: bool = False) -> Topology:
    """Company B behind its firewall: the relay in the DMZ, the mailboxes inside; outside, everybody else.

    `outbound`: mail leaves through the relay, or straight from the internal server. `op25b`: the ISP lets nobody on its
    lines call port 25 outside; company B's internal server sits behind such a line, the DMZ's fixed address does not.
    """
    isp = (Rule("isp", ANY, 25, "reject"), Rule(INTERNAL, "internet", 25, "reject")) if op25b else ()
    sender = "relay" if outbound == "relay" else INTERNAL
    return Topology(
        zones=(
            Zone("internet", _("Internet")),
            Zone("isp", _("ISP's lines")),
            Zone("dmz", _("Company B's DMZ")),
            Zone("internal", _("Company B's internal segment")),
        ),
        hosts=(*_hosts_outside(), *_hosts_of_b()),
        rules=(
            *isp,
            Rule("isp", "internet", None, "accept"),
            Rule(ANY, "relay", 25, "accept"),
            Rule("relay", INTERNAL, 25, "accept"),
            Rule(sender, "internet", 25, "accept"),
            Rule(ANY, "dns", 53, "accept"),
        ),
        servers=(*_servers_outside(), *_servers_of_b(outbound)),
        zone_files=(
            _zone_file("example.com", "192.0.2.25"),
            _zone_file("example.org", "203.0.113.25"),
            _zone_file("isp.example", "203.0.113.125"),
            _zone_file("example.co.jp", "198.51.100.25", "relay"),
            "$ORIGIN 100.51.198.in-addr.arpa.\n$TTL 3600\n@ SOA ns.example.co.jp. hostmaster.example.co.jp. "
            "1 7200 900 1209600 300\n@ NS ns.example.co.jp.\n25 PTR relay.example.co.jp.\n",
        ),
    )


def _servers_outside() -> tuple[MailServer, ...]:
    return (
        MailServer("mail.example.com", "mail.example.com", ("example.com",), (25, 587, 993), (YAMADA,)),
        MailServer("mail.example.org", "mail.example.org", ("example.org",), (25, 587, 993), (SATO,)),
        MailServer("mail.isp.example", "mail.isp.example", ("isp.example",), (25, 587, 993), (GOTO_AT_ISP,)),
    )


def _servers_of_b(outbound: str) -> tuple[MailServer, ...]:
    """The relay holds no mailbox; the internal server listens to the relay and to its own segment alone.

    Where the internal server sends, the relay has no other way out: what it has to return goes through that server.
    """
    relay = MailServer(
        "relay",
        "relay.example.co.jp",
        ("example.co.jp",),
        (25,),
        routes=(Route("example.co.jp", INTERNAL),),
        smarthost="" if outbound == "relay" else INTERNAL,
        relaying=(
            RelayRule(ANYBODY, None, OWN, "accept"),
            *((RelayRule(INTERNAL, None, ANYBODY, "relay"),) if outbound == "relay" else ()),
            RelayRule(ANYBODY, None, ANYBODY, "refuse"),
        ),
    )
    inside = MailServer(
        INTERNAL,
        INTERNAL,
        ("example.co.jp",),
        (25, 587, 110, 995, 143, 993),
        (GOTO,),
        smarthost="relay" if outbound == "relay" else "",
        relaying=(
            RelayRule("relay", None, OWN, "accept"),
            *((RelayRule("relay", None, ANYBODY, "relay"),) if outbound == "direct" else ()),
            RelayRule("internal", None, OWN, "accept"),
            RelayRule("internal", True, ANYBODY, "relay"),
            RelayRule(ANYBODY, None, ANYBODY, "refuse"),
        ),
    )
    return relay, inside


def _pc(user: User) -> str:
    return _("{name}'s PC").format(name=user.name or user.address)


# Titles are translated, so hosts are made when a world is, not when this file is read.


def _dns() -> Host:
    return Host("dns", "203.0.113.53", "internet", _("DNS"))


def _third_party() -> Host:
    return Host("mail.example.org", "203.0.113.25", "internet", _("A third party's mail server"))


def _mobile_pcs() -> tuple[Host, ...]:
    title = _("{name}'s mobile PC")
    return (
        Host("goto-mobile", "203.0.113.77", "isp", title.format(name=GOTO.name)),
        Host("yamada-mobile", "203.0.113.78", "isp", title.format(name=YAMADA.name)),
    )


def _attacker() -> Host:
    return Host("attacker", "203.0.113.66", "internet", _("Attacker (example.net)"))


def _hosts_outside() -> tuple[Host, ...]:
    return (
        Host("yamada-pc", "192.0.2.110", "internet", _pc(YAMADA)),
        Host("mail.example.com", "192.0.2.25", "internet", _("Company A's mail server")),
        _dns(),
        _third_party(),
        Host("mail.isp.example", "203.0.113.125", "internet", _("The ISP's mail server")),
        _attacker(),
        _mobile_pcs()[0],
    )


def _hosts_of_b() -> tuple[Host, ...]:
    return (
        Host("relay", "198.51.100.25", "dmz", _("Company B's external mail server")),
        Host(INTERNAL, "10.0.0.25", "internal", _("Company B's internal mail server")),
        Host("goto-pc", "10.0.0.21", "internal", _("{name}'s office PC").format(name=GOTO.name)),
    )


def _zone_file(domain: str, address: str, mail_server: str = "mail") -> str:
    return f"""\
$ORIGIN {domain}.
$TTL 3600
@     SOA  ns hostmaster 1 7200 900 1209600 300
@     NS   ns
ns    A    203.0.113.53
@     MX   10 {mail_server}
{mail_server:5} A    {address}
"""
