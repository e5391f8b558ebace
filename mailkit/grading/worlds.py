"""Fresh worlds for judges: the same shape as the lesson's, everything a learner could have written down changed.

Must not know: exercises.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from email.message import EmailMessage
from typing import TYPE_CHECKING

from mailkit.lab.lab import Lab
from mailkit.lab.story import two_domains
from mailkit.lab.topology import User
from mailkit.net.clock import MORNING

if TYPE_CHECKING:
    from mailkit.lab.clients import LabHost

# Domains of nobody: RFC 2606 §2 keeps .example for documentation.
_PEOPLE = ("sato", "suzuki", "takahashi", "tanaka", "ito", "watanabe", "nakamura", "kobayashi", "kato", "yoshida")
_DOMAINS = ("kita.example", "minami.example", "higashi.example", "nishi.example", "yama.example", "umi.example")
_SUBJECTS = ("Lunch on Friday", "The quarterly figures", "Room 4 is free", "A question", "Your bicycle", "Minutes")
_LINES = (
    "See you at noon.",
    "The lift is out of order.",
    "Please bring the keys.",
    "It rained all night.",
    ". dot first",
)


@dataclass(frozen=True)
class Correspondence:
    """A lab of two companies, and a letter that one of its people wants to send to the other."""

    lab: Lab
    sender: User
    recipient: User
    letter: EmailMessage

    @property
    def pc(self) -> LabHost:
        """The sender's machine."""
        return self.lab.host(f"{self.sender.address.partition('@')[0]}-pc")

    @property
    def server(self) -> str:
        """The sender's own mail server."""
        return self.lab.topology.servers[0].hostname

    @property
    def far_server(self) -> str:
        """The recipient's mail server."""
        return self.lab.topology.servers[1].hostname


def correspondence(seed: int) -> Correspondence:
    """The world of that seed: people, companies, letter and passwords differ from seed to seed."""
    chance = random.Random(seed)  # a world that can be made again, not a secret
    people, domains = chance.sample(_PEOPLE, 2), chance.sample(_DOMAINS, 2)
    sender, recipient = (
        User(f"{person}@{domain}", person.title()) for person, domain in zip(people, domains, strict=True)
    )
    topology = two_domains(sender, recipient)
    lab = Lab(topology, name=f"judge-{seed}", seed=seed)
    return Correspondence(lab, sender, recipient, _letter(chance, sender, recipient))


def _letter(chance: random.Random, sender: User, recipient: User) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = f"{sender.name} <{sender.address}>"
    letter["To"] = recipient.address
    letter["Subject"] = chance.choice(_SUBJECTS)
    letter["Date"] = MORNING
    letter["Message-ID"] = f"<{chance.randrange(10**9)}@{sender.address.partition('@')[2]}>"
    letter["X-Mailer"] = f"mailer {chance.randrange(1, 100)}"
    letter.set_content("\n".join(chance.sample(_LINES, 3)) + "\n")
    return letter
