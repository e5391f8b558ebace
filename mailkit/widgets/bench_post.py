"""Somebody writes to the reader of the bench: one letter by SMTP, and the lab works until it is filed.

Must not know: who fetches it.
"""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from typing import TYPE_CHECKING

from mailkit.lab.lab import StillWaiting
from mailkit.locale import _
from mailkit.widgets.bench_letter import first_line
from mailkit.widgets.console_line import PATIENCE

if TYPE_CHECKING:
    from mailkit.lab.lab import Lab
    from mailkit.lab.topology import User
    from mailkit.widgets.bench_cast import Writer


def usual_subjects() -> list[str]:
    """For who writes without a subject of his own."""
    return [_("Friday's meeting"), _("Estimate, second draft"), _("Lunch?")]


def send(lab: Lab, writer: Writer, reader: User, subject: str) -> str:
    """Hand the letter in and let it arrive; "" or a sentence that says what did not work."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = writer.user.address, reader.address, first_line(subject)
    greeting = _("Dear {name},").format(name=reader.name or reader.address)
    message.set_content(f"{greeting}\n\n{first_line(subject)}\n\n{writer.user.name}\n")
    try:
        _hand_in(lab, writer, message)
        lab.settle()
    except (OSError, smtplib.SMTPException, StillWaiting) as error:
        return _("The letter has not arrived: {why}").format(why=error)
    return ""


def _hand_in(lab: Lab, writer: Writer, message: EmailMessage) -> None:
    with lab.host(writer.host).smtp(writer.server.hostname, 587, timeout=PATIENCE) as smtp:
        smtp.ehlo()
        if smtp.has_extn("starttls"):
            smtp.starttls(context=lab.tls_context())
        smtp.login(writer.user.address, lab.password(writer.user.address))
        smtp.send_message(message)
