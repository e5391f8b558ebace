"""Real mail servers on loopback, inside a notebook: worlds to run, watch, change and judge.

Public names only. They load what they need when they are first used, so that `import mailkit` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mailkit.lab.lab import Lab as Lab
    from mailkit.lab.topology import two_domains as two_domains

_HOMES = {"Lab": "mailkit.lab.lab", "two_domains": "mailkit.lab.topology"}
__all__ = ["Lab", "two_domains"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'mailkit' has no {name!r}; it has: {', '.join(_HOMES)}")


def __dir__() -> list[str]:
    return __all__
