"""Debian's Postfix as our server is stood beside it: as strict as RFC 5321, where usually it bears old programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.postfix import postfix as throwaway

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

SETTINGS = """\
local_recipient_maps = inline:{goto=1}
smtpd_helo_required = yes
smtpd_helo_restrictions = reject_invalid_helo_hostname
strict_rfc821_envelopes = yes
strict_mailbox_ownership = no
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000
smtpd_reject_unlisted_sender = no
queue_minfree = 0
line_length_limit = 2048
"""


def postfix(size: int) -> AbstractContextManager[int]:
    """Its port. It takes messages of up to `size` octets for goto@example.co.jp, and mail for no other domain."""
    return throwaway(f"{SETTINGS}message_size_limit = {size}\n")
