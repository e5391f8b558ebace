"""DNS data as standard zone-file text (RFC 1035 §5), and the questions that mail asks of it.

Must not know: who asks, and that no packet is sent. dnspython parses; it is loaded at the first question.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from mailkit.locale import _

if TYPE_CHECKING:
    from collections.abc import Iterable

    import dns.name
    import dns.zone


class MX(NamedTuple):
    """One MX record; the lowest preference is tried first (RFC 5321 §5.1). `host` "" is the null MX (RFC 7505)."""

    preference: int
    host: str


class ZoneFileError(ValueError):
    """Zone-file text that dnspython cannot read."""


class Resolver:
    """Answers from zone files alone; it never asks the real DNS."""

    def __init__(self, zone_files: Iterable[str]) -> None:
        self._texts = tuple(zone_files)

    @cached_property
    def _zones(self) -> list[dns.zone.Zone]:
        return [_parse(text) for text in self._texts]

    def exists(self, name: str) -> bool:
        """False is NXDOMAIN: no record of any kind stands at or below that name."""
        wanted = _name(name)
        return wanted is not None and any(owner.is_subdomain(wanted) for zone in self._zones for owner in zone.nodes)

    def lookup(self, name: str, kind: str) -> tuple[str, ...]:
        """The data of the records of `kind` ("A", "MX", "TXT" …) at exactly `name`, as zone-file text."""
        wanted = _name(name)
        if wanted is None:
            return ()
        for zone in self._zones:
            if zone.origin and wanted.is_subdomain(zone.origin) and (node := zone.get_rdataset(wanted, kind)):
                return tuple(rdata.to_text() for rdata in node)
        return ()

    def mx(self, domain: str) -> list[MX]:
        """The mail exchangers in the order in which they are tried; equal preferences keep the file's order."""
        split = (text.split() for text in self.lookup(domain, "MX"))
        return sorted((MX(int(number), host.rstrip(".")) for number, host in split), key=lambda mx: mx.preference)

    def address(self, name: str) -> str | None:
        """The first IPv4 address of `name`."""
        return next(iter(self.lookup(name, "A")), None)


def _name(text: str) -> dns.name.Name | None:
    """None for what can be no name, such as `a..b` or a label of more than 63 octets: nothing stands there."""
    import dns.exception
    import dns.name

    try:
        return dns.name.from_text(text)
    except (dns.exception.DNSException, UnicodeError):
        return None


def _parse(text: str) -> dns.zone.Zone:
    import dns.exception
    import dns.zone

    try:
        return dns.zone.from_text(text, relativize=False)
    except (dns.exception.DNSException, ValueError, AssertionError) as error:  # dnspython asserts that text is there
        first = text.strip().splitlines()[0] if text.strip() else ""
        # It counts the line it has reached, which may be the next one.
        reason = str(error).replace("<string>:", _("near line ")) or _("it is empty")
        raise ZoneFileError(
            _("the zone file that begins with {first!r} cannot be read: {error}").format(first=first, error=reason)
        ) from None
