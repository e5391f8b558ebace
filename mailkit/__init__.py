"""Real mail servers on loopback, inside a notebook: worlds to run, watch, change and judge.

Public names only. They load what they need when they are first used, so that `import mailkit` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mailkit.lab.lab import Lab as Lab
    from mailkit.lab.story import direct_to_pc as direct_to_pc
    from mailkit.lab.story import dmz as dmz
    from mailkit.lab.story import four_servers as four_servers
    from mailkit.lab.story import open_relay as open_relay
    from mailkit.lab.story import single_server as single_server
    from mailkit.lab.story import two_domains as two_domains
    from mailkit.lab.story import two_pcs as two_pcs
    from mailkit.lab.topology import MailServer as MailServer
    from mailkit.lab.topology import Route as Route
    from mailkit.lab.topology import Topology as Topology
    from mailkit.lab.topology import User as User
    from mailkit.net.zones import Host as Host
    from mailkit.net.zones import Rule as Rule
    from mailkit.net.zones import Zone as Zone
    from mailkit.server.relay_policy import RelayRule as RelayRule

_HOMES = {
    "Lab": "mailkit.lab.lab",
    **dict.fromkeys(
        ("single_server", "two_domains", "direct_to_pc", "dmz", "two_pcs", "four_servers", "open_relay"),
        "mailkit.lab.story",
    ),
    **dict.fromkeys(("Topology", "MailServer", "Route", "User"), "mailkit.lab.topology"),
    **dict.fromkeys(("Zone", "Host", "Rule"), "mailkit.net.zones"),
    "RelayRule": "mailkit.server.relay_policy",
}
__all__ = [*_HOMES]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'mailkit' has no {name!r}; it has: {', '.join(_HOMES)}")


def __dir__() -> list[str]:
    return __all__
