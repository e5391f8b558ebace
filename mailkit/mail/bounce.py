"""Delivery status notifications: the letter that tells a sender what became of his (RFC 3464).

Must not know: queues. Time and ids come in as arguments.
"""

from __future__ import annotations

import re
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mailkit.mail.reply import Reply


class Failure(NamedTuple):
    """Why one recipient was not reached. `server` is who said so, or "" when no server was asked or none answered."""

    reply: Reply
    server: str = ""


def failure_notice(
    reporting_mta: str,
    reverse_path: str,
    failed: Mapping[str, Failure],
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
    text = _for_people(reporting_mta, failed)
    report.attach(MIMEText(text, "plain", "us-ascii" if text.isascii() else "utf-8"))
    report.attach(_for_machines(reporting_mta, failed))
    report.attach(_returned_header(content))
    # A sender beyond ASCII can be written to in no other way (RFC 6533 §1, RFC 6532).
    return report.as_bytes(policy=SMTP if reverse_path.isascii() else SMTPUTF8)


def _for_people(reporting_mta: str, failed: Mapping[str, Failure]) -> str:
    lines = [f"{reporting_mta} could not deliver your message to:", ""]
    for recipient, failure in failed.items():
        said = f"{failure.server} said: " if failure.server else ""
        lines.append(f"  <{recipient}>: {said}{_one_line(failure.reply)}")
    return "\n".join([*lines, ""])


def _for_machines(reporting_mta: str, failed: Mapping[str, Failure]) -> Message:
    part: Message[str, str] = Message()
    part["Content-Type"] = "message/delivery-status"
    blocks: list[Message | str] = [_fields({"Reporting-MTA": f"dns; {reporting_mta}"})]
    blocks += [_fields(_recipient_fields(recipient, failure)) for recipient, failure in failed.items()]
    part.set_payload(blocks)
    return part


def _recipient_fields(recipient: str, failure: Failure) -> dict[str, str]:
    """RFC 3464 §2.3. Only what a server really said is a diagnostic code of "smtp" (§2.3.6)."""
    fields = {
        "Final-Recipient": f"rfc822; {recipient}" if recipient.isascii() else f"utf-8; {_xtext(recipient)}",
        "Action": "failed",
        "Status": failure.reply.enhanced or f"{failure.reply.code // 100}.0.0",
    }
    if failure.server:
        fields |= {"Remote-MTA": f"dns; {failure.server}", "Diagnostic-Code": f"smtp; {_one_line(failure.reply)}"}
    return fields


def _xtext(recipient: str) -> str:
    """An address beyond ASCII in a notice that any server takes: utf-8-addr-xtext (RFC 6533 §3)."""
    return "".join(char if char.isascii() else f"\\x{{{ord(char):X}}}" for char in recipient)


def _one_line(reply: Reply) -> str:
    """A stranger's server may say anything: no line of the notice may grow past RFC 5321's 998 octets."""
    return _seven_bit(" ".join(str(reply).split()))[:500]


def _seven_bit(text: str) -> str:
    """The notice must pass every server, so what is no printable ASCII becomes a question mark."""
    return re.sub(r"[^\t\r\n -~]", "?", text)


def _fields(values: Mapping[str, str]) -> Message:
    block: Message[str, str] = Message()
    for name, value in values.items():
        block[name] = value
    return block


def _returned_header(content: bytes) -> Message:
    """The header alone is enough for the sender to know which letter it was, and keeps the notice small."""
    part: Message[str, str] = Message()
    part["Content-Type"] = "text/rfc822-headers"
    part.set_payload(_seven_bit(content.partition(b"\r\n\r\n")[0].decode("latin-1")) + "\n")
    return part
