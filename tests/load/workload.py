"""Five hundred conversations, open at once all the time: who has them, and what is said in each.

Each kind of client is a coroutine function of one conversation; `Slot` has one after the other without a gap.
"""

from __future__ import annotations

import asyncio
import collections
import itertools
from typing import TYPE_CHECKING, Any

from mailkit.lab.story import YAMADA

from .clients import IMAPClient, POP3Client, SMTPClient
from .ledger import Ledger, letter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from mailkit.lab.lab import Lab
    from mailkit.net.publish import Published

    from .clients import Client

    Talk = Callable[[Any, str], Awaitable[list[bytes]]]
    """One conversation, up to its QUIT. Returns the letters that the server gives up with that."""

STRANGERS, SUBMITTERS, POP3_READERS, IMAP_READERS, WATCHERS = 140, 60, 125, 125, 50
CLIENTS = STRANGERS + SUBMITTERS + POP3_READERS + IMAP_READERS + WATCHERS
READERS = [f"reader{number}" for number in range(POP3_READERS + IMAP_READERS)]
LETTERS_AT_A_TIME = 4
ROOM = {"mx": 1500, "submission": 250}
"""How many letters may be under way or at rest before senders wait: else mail is what makes memory grow."""
PATIENCE = 0.5
"""Seconds in IDLE without news, and between two looks whether there is room for a letter."""


class Workload:
    """The clients of one lab. What became of the letters is in `ledger`; `talks` counts conversations by kind."""

    def __init__(self, lab: Lab, doors: dict[str, Published]) -> None:
        self.ledger = Ledger()
        self.talks: collections.Counter[str] = collections.Counter()
        self._lab, self._doors, self._context = lab, doors, lab.tls_context()
        self._recipients = itertools.cycle(READERS)
        self._turn = itertools.count()

    async def run(self, seconds: int, watch: Callable[[], None]) -> None:
        """Load for so long; once a second, while everybody is there, `watch` may look."""
        ready, over = asyncio.Barrier(CLIENTS + 1), asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for kind, client, talk, name in self._everybody():
                group.create_task(self._slot(kind, client, talk, name, ready, over))
            await ready.wait()
            for _second in range(seconds):
                await asyncio.sleep(1)
                watch()
            over.set()

    def _everybody(self) -> list[tuple[str, type[Client], Talk, str]]:
        pop3, imap = READERS[:POP3_READERS], READERS[POP3_READERS:]
        return [
            *[("mx", SMTPClient, self._write, "")] * STRANGERS,
            *[("submission", SMTPClient, self._submit, "")] * SUBMITTERS,
            *[("pop3", POP3Client, self._take, name) for name in pop3],
            *[("imap", IMAPClient, self._sort, name) for name in imap],
            *[("idle", IMAPClient, self._watch, name) for name in imap[:WATCHERS]],
        ]

    async def _slot(
        self, kind: str, client: type[Client], talk: Talk, name: str, ready: asyncio.Barrier, over: asyncio.Event
    ) -> None:
        """One conversation after the other. The next one is open before the last one ends."""
        door = self._doors[kind]
        now = await client.connect(door)
        await ready.wait()
        while not over.is_set():
            given_up = await talk(now, name)
            following = await client.connect(door)
            await now.quit()
            self.talks[kind] += 1
            for raw in given_up:
                self.ledger.taken(raw)
            now = following
        await now.quit()

    async def _log_in(self, client: Client, name: str, address: str) -> None:
        """Every other conversation is under TLS."""
        context = self._context if next(self._turn) % 2 else None
        await client.log_in(name, self._lab.password(address), context)

    # -- one conversation each

    async def _write(self, client: SMTPClient, _name: str) -> list[bytes]:
        await client.hello()
        return await self._send(client, "mx", "stranger@example.org")

    async def _submit(self, client: SMTPClient, _name: str) -> list[bytes]:
        await client.log_in("yamada", self._lab.password(YAMADA.address), self._context)
        return await self._send(client, "submission", YAMADA.address)

    async def _send(self, client: SMTPClient, sort: str, sender: str) -> list[bytes]:
        for _letter in range(LETTERS_AT_A_TIME):
            if self.ledger.under_way[sort] >= ROOM[sort]:
                await asyncio.sleep(PATIENCE)
                break
            number = self.ledger.offer(sort)
            recipient = f"{next(self._recipients)}@example.co.jp"
            await client.send(sender, recipient, letter(number), bundled=bool(number % 2))
            self.ledger.accepted(number)
        return []

    async def _take(self, client: POP3Client, name: str) -> list[bytes]:
        """All but the last letter, so that some are there when the next conversation begins."""
        await self._log_in(client, name, f"{name}@example.co.jp")
        taken = []
        for number in range(1, await client.count()):
            taken.append(await client.retrieve(number))
            await client.delete(number)
        return taken

    async def _sort(self, client: IMAPClient, name: str) -> list[bytes]:
        """Flag what is there, move every other letter into the archive, delete the rest; then empty the archive."""
        await self._log_in(client, name, f"{name}@example.co.jp")
        if not await client.command('LIST "" Archive'):
            await client.command("CREATE Archive")
        await client.command("SELECT INBOX")
        found = await client.fetch()
        await client.command(r"UID STORE 1:* +FLAGS (\Flagged $Read)")
        keep, move = list(found)[::2], list(found)[1::2]
        if move:
            await client.command(f"UID MOVE {_uids(move)} Archive")
        await self._delete(client, {uid: found[uid] for uid in keep})
        await client.command("SELECT Archive")
        archived = await client.fetch()
        assert sorted(archived.values()) == sorted(found[uid] for uid in move)
        await self._delete(client, archived)
        return []

    async def _delete(self, client: IMAPClient, letters: dict[int, bytes]) -> None:
        if letters:
            await client.command(rf"UID STORE {_uids(letters)} +FLAGS.SILENT (\Deleted)")
            answers = await client.command(f"UID EXPUNGE {_uids(letters)}")
            assert sum(answer.endswith(b" EXPUNGE\r\n") for answer in answers) == len(letters), answers
        for raw in letters.values():
            self.ledger.taken(raw)

    async def _watch(self, client: IMAPClient, name: str) -> list[bytes]:
        """Hear in IDLE what another client of the same person does, and what comes in."""
        await self._log_in(client, name, f"{name}@example.co.jp")
        exists = _exists(await client.command("SELECT INBOX"))
        for _round in range(4):
            for line in await client.idle(PATIENCE):
                self.talks["news"] += 1
                exists = _exists([line]) if line.endswith(b"EXISTS\r\n") else exists - line.endswith(b"EXPUNGE\r\n")
        for line in await client.command("NOOP"):
            exists = _exists([line]) if line.endswith(b"EXISTS\r\n") else exists - line.endswith(b"EXPUNGE\r\n")
        assert len(await client.command("FETCH 1:* (FLAGS)" if exists else "NOOP")) >= exists
        return []


def _uids(uids: Iterable[int]) -> str:
    return ",".join(map(str, uids))


def _exists(answers: list[bytes]) -> int:
    return max((int(a.split()[1]) for a in answers if a.endswith(b" EXISTS\r\n")), default=0)
