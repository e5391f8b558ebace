"""A program that brings labs to life in processes of their own, for `test_crash.py` to kill.

Each line on its input, `mail_dir number carrier`, is one life: a lab that keeps its mail in that folder, and a client
that hands over letter after letter, writing `ack id` when the server has answered 250. Forking takes a tenth of the
time that a new Python needs.
"""

from __future__ import annotations

import os
import random
import sys

from mailkit.lab.lab import Lab
from mailkit.lab.story import two_domains
from mailkit.mail.mailbox import Account
from mailkit.server import account_folder, smtp_server, spool

LOADED = Account, account_folder, smtp_server, spool
YAMADA, GOTO, NOBODY = "yamada@example.com", "goto@example.co.jp", "nobody@example.co.jp"
KINDS = {"home": [YAMADA], "away": [GOTO], "both": [GOTO, YAMADA], "lost": [NOBODY], "mixed": [YAMADA, NOBODY]}
"""To whom letters go, by the word that begins their ids."""


def tell(line: str) -> None:
    """One write, past all buffers: whoever reads it knows that it happened."""
    os.write(1, f"{line}\n".encode())


def live(mail_dir: str, number: str, carrier: str) -> None:
    chance = random.Random(number)
    lab = Lab(two_domains(), mail_dir=mail_dir, carrier=carrier).start()
    with lab.host("yamada-pc").smtp("mail.example.com", 587) as smtp:
        smtp.starttls(context=lab.tls_context())
        smtp.login("yamada", lab.password(YAMADA))
        tell("ready")
        for letter in range(10_000):
            kind = chance.choice(list(KINDS))
            name = f"{kind}-{number}-{letter}"
            body = "A line.\r\n" * chance.choice((1, 10, 2000))
            smtp.sendmail(YAMADA, KINDS[kind], f"Subject: {name}\r\n\r\n{body}")
            tell(f"ack {name}")


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                live(*line.split())
            finally:
                os._exit(1)
        tell(f"born {child}")
        _pid, status = os.waitpid(child, 0)
        tell(f"dead {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main()
