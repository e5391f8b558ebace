"""Delivery status notifications: the letter that tells a sender what became of his (RFC 3464).

Must not know: queues. Time and ids come in as arguments.
"""

from __future__ import annotations

from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mailkit.mail.reply import Reply


def failure_notice(
    reporting_mta: str,
    reverse_path: str,
    failed: Mapping[str, Reply],
    content: bytes,
    *,
    queue_id: str,
    at: datetime,
) -> bytes:
    """A multipart/report to `reverse_path`: a text for people, one for machines, the header of the letter.

    It is sent with the null reverse-path, so that it can never bounce itself (RFC 5321 §6.1).
    """
    report = MIMEMultipart("report", boundary=f"=_{queue_id}", report_type="delivery-status")
    report["From"] = f"Mail Delivery System <MAILER-DAEMON@{reporting_mta}>"
    report["To"] = reverse_path
    report["Subject"] = "Undelivered Mail Returned to Sender"
    report["Date"] = format_datetime(at)
    report["Message-ID"] = f"<{queue_id}.dsn@{reporting_mta}>"
    report["Auto-Submitted"] = "auto-replied"
    report.attach(MIMEText(_for_people(reporting_mta, failed), "plain", "us-ascii"))
    report.attach(_for_machines(reporting_mta, failed))
    report.attach(_returned_header(content))
    return report.as_bytes(policy=SMTP)


def _for_people(reporting_mta: str, failed: Mapping[str, Reply]) -> str:
    lines = [f"{reporting_mta} could not deliver your message to:", ""]
    lines += [f"  <{recipient}>: {' '.join(str(reply).split())}" for recipient, reply in failed.items()]
    return "\n".join([*lines, ""])


def _for_machines(reporting_mta: str, failed: Mapping[str, Reply]) -> Message:
    part: Message[str, str] = Message()
    part["Content-Type"] = "message/delivery-status"
    blocks: list[Message | str] = [_fields({"Reporting-MTA": f"dns; {reporting_mta}"})]
    for recipient, reply in failed.items():
        status = reply.enhanced or f"{reply.code // 100}.0.0"
        blocks.append(
            _fields(
                {
                    "Final-Recipient": f"rfc822; {recipient}",
                    "Action": "failed",
                    "Status": status,
                    "Diagnostic-Code": f"smtp; {' '.join(str(reply).split())}",
                }
            )
        )
    part.set_payload(blocks)
    return part


def _fields(values: Mapping[str, str]) -> Message:
    block: Message[str, str] = Message()
    for name, value in values.items():
        block[name] = value
    return block


def _returned_header(content: bytes) -> Message:
    """The header alone is enough for the sender to know which letter it was, and keeps the notice small."""
    part: Message[str, str] = Message()
    part["Content-Type"] = "text/rfc822-headers"
    part.set_payload(content.partition(b"\r\n\r\n")[0].decode("ascii", "replace") + "\n")
    return part
