"""DNS data as standard zone-file text (RFC 1035 §5), and the questions that mail asks of it.

Must not know: who asks, and that no packet is sent. dnspython parses; it is loaded, and zone files are read, at the
first question: before, they would make a lab's start a quarter longer. `check` reads one at once.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from mailkit.locale import _

if TYPE_CHECKING:
    from collections.abc import Iterable

    import dns.name
    import dns.rrset
    import dns.zone

USUAL_TTL = 3600
"""Seconds, for a changed record that does not say."""
MAX_ALIASES = 8
"""CNAMEs that are followed before the chain is taken for a circle."""


class MX(NamedTuple):
    """One MX record; the lowest preference is tried first (RFC 5321 §5.1). `host` "" is the null MX (RFC 7505)."""

    preference: int
    host: str


class ZoneFileError(ValueError):
    """Zone-file text that dnspython cannot read."""


class Answer(NamedTuple):
    """What a name server says: the response code (RFC 1035 §4.1.1), and the records, aliases first.

    "REFUSED": none of the zones is above that name. NOERROR without records of the kind: no such data.
    `ttl`: seconds for which it may be remembered; that nothing is there, as long as the SOA says (RFC 2308 §5).
    """

    rcode: Literal["NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED"]
    records: tuple[dns.rrset.RRset, ...] = ()
    ttl: int = 0


class Resolver:
    """Answers from zone files alone; it never asks the real DNS.

    `failing` names domains whose servers are out of order: every question at or below them is a SERVFAIL.
    """

    def __init__(self, zone_files: Iterable[str], failing: Iterable[str] = ()) -> None:
        self._texts = tuple(zone_files)
        self._failing = tuple(failing)

    @cached_property
    def _zones(self) -> list[dns.zone.Zone]:
        return [_parse(text) for text in self._texts]

    def answer(self, name: str, kind: str) -> Answer:
        """The whole answer to one question, aliases followed as far as the zones reach (RFC 1034 §4.3.2)."""
        wanted = _name(name)
        if wanted is None:
            return Answer("NXDOMAIN")
        if any(wanted.is_subdomain(failed) for failed in map(_name, self._failing) if failed):
            return Answer("SERVFAIL")
        zone = self._zone_of(wanted)
        if zone is None:
            return Answer("REFUSED")
        return self._within(zone, wanted, kind, MAX_ALIASES)

    def _within(self, zone: dns.zone.Zone, wanted: dns.name.Name, kind: str, aliases: int) -> Answer:
        if found := zone.get_rrset(wanted, kind):
            return Answer("NOERROR", (found,), found.ttl)
        if alias := zone.get_rrset(wanted, "CNAME"):
            if not aliases:
                return Answer("SERVFAIL")
            target = alias[0].target
            onward = self._zone_of(target)
            rest = self._within(onward, target, kind, aliases - 1) if onward else Answer("NOERROR")
            return rest._replace(records=(alias, *rest.records), ttl=min(alias.ttl, rest.ttl))
        exists = any(owner.is_subdomain(wanted) for owner in zone.nodes)
        return Answer("NOERROR" if exists else "NXDOMAIN", ttl=_negative_ttl(zone))

    def _zone_of(self, wanted: dns.name.Name) -> dns.zone.Zone | None:
        """The zone nearest above a name."""
        above = [zone for zone in self._zones if zone.origin and wanted.is_subdomain(zone.origin)]
        return max(above, key=lambda zone: len(zone.origin or ()), default=None)

    def change(self, records: str) -> None:
        """From now on these records hold: they replace those of the same name and kind, all others stay.

        Zone-file text that begins with its $ORIGIN; for a domain that no zone has, a whole zone. ZoneFileError.
        """
        change = _parse(records, whole=False)
        zone = self._zone_of(change.origin) if change.origin else None
        if zone is None:
            self._zones.append(_parse(records))
            return
        for name, given in change.iterate_rdatasets():
            zone.replace_rdataset(name, given)

    def exists(self, name: str) -> bool:
        """False: no record of any kind stands at or below that name, or nobody can say."""
        return self.answer(name, "MX").rcode == "NOERROR"  # any kind would do; this one has just been asked for

    def lookup(self, name: str, kind: str) -> tuple[str, ...]:
        """The data of the records of `kind` ("A", "MX", "TXT" …) that a name or its alias has, as zone-file text."""
        last = self.answer(name, kind).records[-1:]
        return tuple(rdata.to_text() for rrset in last if _is_kind(rrset, kind) for rdata in rrset)

    def is_alias(self, name: str) -> bool:
        """Whether a CNAME stands at the name; at the target of an MX that is an error (RFC 2181 §10.3)."""
        return _is_kind(first, "CNAME") if (first := next(iter(self.answer(name, "CNAME").records), None)) else False

    def mx(self, domain: str) -> list[MX]:
        """The mail exchangers in the order in which they are tried.

        Equal preferences keep the file's order, so that runs repeat; RFC 5321 §5.1 would have them shuffled.
        """
        split = (text.split() for text in self.lookup(domain, "MX"))
        return sorted((MX(int(number), host.rstrip(".")) for number, host in split), key=lambda mx: mx.preference)

    def address(self, name: str) -> str | None:
        """The first IPv4 address of `name` or of what it is an alias for."""
        return next(iter(self.lookup(name, "A")), None)

    def name_of(self, address: str) -> str | None:
        """The name that a PTR record gives an IPv4 address (RFC 1035 §3.5)."""
        reverse = ".".join(reversed(address.split("."))) + ".in-addr.arpa"
        return next((text.rstrip(".") for text in self.lookup(reverse, "PTR")), None)


def check(zone_file: str) -> None:
    """ZoneFileError for text that cannot be read."""
    _parse(zone_file)


def _is_kind(rrset: dns.rrset.RRset, kind: str) -> bool:
    import dns.rdatatype

    return rrset.rdtype == dns.rdatatype.from_text(kind)


@lru_cache(maxsize=1024)
def _name(text: str) -> dns.name.Name | None:
    """None for what can be no name, such as `a..b` or a label of more than 63 octets: nothing stands there."""
    import dns.exception
    import dns.name

    try:
        return dns.name.from_text(text)
    except (dns.exception.DNSException, UnicodeError):
        return None


def _negative_ttl(zone: dns.zone.Zone) -> int:
    """How long it may be remembered that something is not there: the lesser of the SOA's two numbers (RFC 2308 §5)."""
    found = zone.get_rrset(zone.origin, "SOA") if zone.origin else None
    return min(found.ttl, found[0].minimum) if found else 0


def _parse(text: str, *, whole: bool = True) -> dns.zone.Zone:
    import dns.exception
    import dns.zone

    try:
        usual = "" if whole else f"$TTL {USUAL_TTL}\n"
        return dns.zone.from_text(usual + text, relativize=False, check_origin=whole)
    except (dns.exception.DNSException, ValueError, AssertionError) as error:  # dnspython asserts that text is there
        first = text.strip().splitlines()[0] if text.strip() else ""
        # It counts the line it has reached, which may be the next one.
        reason = str(error).replace("<string>:", _("near line ")) or _("it is empty")
        raise ZoneFileError(
            _("the zone file that begins with {first!r} cannot be read: {error}").format(first=first, error=reason)
        ) from None
