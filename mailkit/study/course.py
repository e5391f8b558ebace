"""The course as a list: its chapters, and what can be proved in each.

Must not know: who has proved what. A test holds it against the exercises themselves.
"""

from __future__ import annotations

from typing import NamedTuple

from mailkit.locale import _


class Exercise(NamedTuple):
    """One function, configuration or world to work on; `items` is the number of behaviours its judge looks at."""

    key: str
    title: str
    items: int


class Chapter(NamedTuple):
    """A lesson, by the number that its notebook's name begins with."""

    number: str
    title: str
    exercises: tuple[Exercise, ...] = ()

    def has(self, key: str) -> bool:
        """Whether a key belongs to this chapter."""
        return key.startswith(f"{self.number}/")


def chapters() -> tuple[Chapter, ...]:
    """All of them in order, in the learner's language."""
    return (
        Chapter(
            "00",
            _("First letter"),
            (
                Exercise("00/deliver", _("Deliver one letter"), 4),
                Exercise("00/added-by", _("Who wrote which field?"), 2),
            ),
        ),
        Chapter("01", _("Post office, envelope and letter")),
        Chapter("02", _("Why not straight to the PC")),
        Chapter("03", _("Speaking SMTP by hand")),
        Chapter("04", _("Finding the way: MX and the hops")),
        Chapter("05", _("Port 25, open relay and spam")),
        Chapter("06", _("Submission: SMTP AUTH and TLS")),
        Chapter("07", _("POP3")),
        Chapter("08", _("IMAP4, and two PCs")),
        Chapter("09", _("DMZ: external and internal server")),
        Chapter("10", _("Who really sent it? SPF, DKIM, DMARC")),
        Chapter("11", _("Letters that survive: MIME and Japanese mail")),
        Chapter("12", _("Help desk")),
    )
