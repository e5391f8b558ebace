"""The rules for elsewhere: as Python, as TOML of the whole world, as a table for Linux's nftables.

Must not know: trials, pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.lab.topology_text import to_toml
from mailkit.locale import _
from mailkit.net.zones import ANY

if TYPE_CHECKING:
    from mailkit.lab.topology import Topology
    from mailkit.net.zones import Action, Rule

_VERDICTS: dict[Action, str] = {"accept": "accept", "reject": "reject with tcp reset", "drop": "drop"}


def to_python(topology: Topology) -> str:
    """Lines for a cell: `world` gets these rules."""
    rules = "".join(f"    {_python(rule)},\n" for rule in topology.rules)
    return (
        "from dataclasses import replace\n\nfrom mailkit import Rule\n\n"
        f"rules = (\n{rules})\nworld = replace(world, rules=rules, default={topology.default!r})\n"
    )


def _python(rule: Rule) -> str:
    log = ", log=True" if rule.log else ""
    return f"Rule({rule.source!r}, {rule.destination!r}, {rule.port!r}, {rule.action!r}{log})"


def to_nft(topology: Topology) -> str:
    """A ruleset that `nft -f` reads: the same order, the first match decides, answers ride back.

    A zone is the set of its hosts' addresses; calls inside one zone are let through, since no firewall stands there.
    """
    same = [
        f"        ip saddr {to} ip daddr {to} accept\n" for z in topology.zones if (to := _addresses(topology, z.name))
    ]
    rules = "".join(line for number, rule in enumerate(topology.rules, 1) for line in _nft(topology, number, rule))
    last = '        counter log prefix "default: " ' + _VERDICTS[topology.default] + "\n"
    return (
        f"# {_('Same order as in the designer; zones are written as the addresses of their hosts.')}\n"
        "table inet mail {\n    chain forward {\n"
        "        type filter hook forward priority filter; policy drop;\n"
        "        ct state established,related accept\n"
        f"{''.join(same)}{rules}{last}    }}\n}}\n"
    )


def _nft(topology: Topology, number: int, rule: Rule) -> list[str]:
    """One line; none for a zone without hosts, which no call comes from."""
    ends = [(side, _addresses(topology, name)) for side, name in (("saddr", rule.source), ("daddr", rule.destination))]
    if any(name != ANY and not to for name, (_side, to) in zip((rule.source, rule.destination), ends, strict=True)):
        return []
    parts = [f"ip {side} {to}" for side, to in ends if to]
    parts.append("meta l4proto tcp" if rule.port is None else f"tcp dport {rule.port}")
    if rule.log:
        parts.append(f'log prefix "rule {number}: "')
    return [f'        {" ".join(parts)} {_VERDICTS[rule.action]} comment "rule {number}"\n']


def _addresses(topology: Topology, name: str) -> str:
    """A host's address, or those of a zone as a set; "" for any."""
    found = [host.address for host in topology.hosts if name in (host.zone, host.name)]
    return found[0] if len(found) == 1 else "{ " + ", ".join(found) + " }" if found else ""


FORMS = {
    "python": ("rules.py", "text/x-python", to_python),
    "toml": ("world.toml", "application/toml", to_toml),
    "nft": ("firewall.nft", "text/plain", to_nft),
}
"""File name, media type, and how it is written."""
