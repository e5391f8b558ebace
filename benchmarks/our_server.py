"""Our own servers in a process of their own, as the others are: prints its ports, serves until standard input ends."""

from __future__ import annotations

import dataclasses
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from mailkit.lab.lab import Lab
from mailkit.lab.story import two_domains
from mailkit.mail.mailbox import SEEN

GOTO, MAIL_B = "goto@example.co.jp", "mail.example.co.jp"


def fill(lab: Lab, folder: Path) -> None:
    """Put the letters of a Maildir into Goto's inbox, as the other server finds them in its own."""
    store = next(server.store for server in lab._servers if server.host == MAIL_B)
    inbox = store.find(GOTO).inbox

    async def add() -> None:
        for path in sorted(folder.iterdir()):
            inbox.add(path.read_bytes(), datetime.now(UTC), [SEEN] if path.name.endswith("S") else [])

    lab._carrier.run(add())


def main() -> None:
    world = two_domains()
    in_clear = tuple(server._replace(login_in_clear=True) for server in world.servers)
    with Lab(dataclasses.replace(world, servers=in_clear), name="bench", carrier="tcp") as lab:
        if len(sys.argv) > 1:
            fill(lab, Path(sys.argv[1]))
        # Whose a call is costs once a connection; `mailbox_paired` says on a line of its own how much.
        ports = {p: lab.publish(MAIL_B, p, as_host="goto-pc", allow_other_users=True).port for p in (25, 110, 143)}
        print(json.dumps({"ports": ports, "password": lab.password(GOTO)}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
