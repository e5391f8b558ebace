"""Debian's Dovecot as our servers are stood beside it: each user has an empty mailbox of his own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.dovecot import dovecot as throwaway

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

SETTINGS = """\
mail_location = sdbox:{root}/mail/%u
pop3_uidl_format = %u
namespace inbox {{
  inbox = yes
  separator = /
}}
"""


def dovecot() -> AbstractContextManager[dict[str, int]]:
    """The ports, by protocol. Whoever says the password `secret` has a mailbox."""
    return throwaway(SETTINGS)
