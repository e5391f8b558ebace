"""Flags as sets that know no case (RFC 3501 §2.3.2).

Must not know: messages, commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def merged(*groups: Iterable[str]) -> frozenset[str]:
    """All flags of all groups; of two that differ in case only, the earlier one."""
    flags: dict[str, str] = {}
    for group in groups:
        for flag in group:
            flags.setdefault(flag.lower(), flag)
    return frozenset(flags.values())


def without(flags: Iterable[str], others: Iterable[str]) -> frozenset[str]:
    """Those of `flags` that are not among `others`."""
    unwanted = {flag.lower() for flag in others}
    return frozenset(flag for flag in flags if flag.lower() not in unwanted)
