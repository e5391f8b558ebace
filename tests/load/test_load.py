"""Five hundred clients at once, over all protocols: nothing is lost, nothing comes twice, memory comes back."""

from __future__ import annotations

import asyncio
import base64
import collections
import gc
import itertools
import sys
from typing import TYPE_CHECKING, Any

import pytest

from mailkit.lab.lab import Lab
from mailkit.lab.story import YAMADA, two_domains
from mailkit.lab.topology import MailServer, User

from .clients import IMAPReader, POP3Reader, Sender

resource: Any = pytest.importorskip("resource", reason="Windows neither limits nor tells these")

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailkit.net.publish import Published

pytestmark = pytest.mark.load
STRANGERS, SUBMITTERS, POP3_READERS, IMAP_READERS = 200, 50, 125, 125
CLIENTS = STRANGERS + SUBMITTERS + POP3_READERS + IMAP_READERS
LETTERS = 4  # of each sender; so each reader has LETTERS * (STRANGERS + SUBMITTERS) / (number of readers)
WANTED = LETTERS * (STRANGERS + SUBMITTERS) // (POP3_READERS + IMAP_READERS)
WAVES = 3
OBJECTS = CLIENTS // 2
"""By how many objects there may be more after a wave than after the one before; a leaked session alone is dozens."""
PEAK = 1 << 23
"""Octets by which a wave may need more memory than the one before: what nobody gives back, in strings and bytes."""
MAIL_A, MAIL_B = "mail.example.com", "mail.example.co.jp"
READERS = [f"reader{number}" for number in range(POP3_READERS + IMAP_READERS)]


@pytest.fixture(scope="module", autouse=True)
def _descriptors() -> Iterator[None]:
    """A client and its server's end are two descriptors each in this one process; many systems begin with 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * CLIENTS + 256
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def lab() -> Iterator[Lab]:
    """Company B has two hundred and fifty people."""
    world = two_domains()
    company_a, company_b = world.servers
    people = tuple(User(f"{name}@example.co.jp") for name in READERS)
    servers: tuple[MailServer, ...] = (company_a, company_b._replace(users=people))
    with Lab(world.__class__(world.zones, world.hosts, servers, world.zone_files, world.rules), carrier="tcp") as lab:
        yield lab


class Wave:
    """One round of everybody at once, and what came of it."""

    def __init__(self, lab: Lab, doors: dict[str, Published], number: int) -> None:
        self.lab, self.doors, self.number = lab, doors, number
        self.sent: list[bytes] = []
        self.received: list[bytes] = []
        self._ids = itertools.count()

    async def run(self) -> None:
        self._gate = asyncio.Barrier(CLIENTS)
        work = [self._stranger(n) for n in range(STRANGERS)]
        work += [self._submitter(STRANGERS + n) for n in range(SUBMITTERS)]
        work += [self._reader(POP3Reader, "pop3", name) for name in READERS[:POP3_READERS]]
        work += [self._reader(IMAPReader, "imap", name) for name in READERS[POP3_READERS:]]
        async with asyncio.timeout(50):
            await asyncio.gather(*work)

    async def _stranger(self, number: int) -> None:
        await self._send(Sender(self.doors["mx"], self._gate), number, "stranger@example.org")

    async def _submitter(self, number: int) -> None:
        plain = base64.b64encode(f"\0yamada\0{self.lab.password(YAMADA.address)}".encode())
        await self._send(Sender(self.doors["submission"], self._gate), number, YAMADA.address, plain)

    async def _send(self, client: Sender, number: int, sender: str, plain: bytes | None = None) -> None:
        await client.connect(b"220")
        await client.command(b"EHLO client", b"250")
        if plain:
            await client.log_in(self.lab.tls_context(), plain)
        for round_ in range(LETTERS):
            recipient = f"{READERS[(number * LETTERS + round_) % len(READERS)]}@example.co.jp"
            name = f"{self.number}.{number}.{round_}".encode()
            await client.send(sender, recipient, b"Subject: load\r\nMessage-ID: <" + name + b">\r\n\r\nHello\r\n" * 20)
            self.sent.append(name)
        await client.command(b"QUIT", b"221")
        await client.close()

    async def _reader(self, kind: Any, door: str, name: str) -> None:
        reader = kind(self.doors[door], self._gate)
        self.received += await reader.fetch(name, self.lab.password(f"{name}@example.co.jp"), WANTED)


def rest(lab: Lab) -> int:
    """How many letters rest on the server."""
    return sum(len(lab.mailbox(f"{name}@example.co.jp")) for name in READERS)


def peak() -> int:
    """The most memory that this process ever had, in octets."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def empty(lab: Lab) -> None:
    """Throw the letters and the record away: both are there to stay, and so no leak."""
    for server in lab._servers:
        for account in server.store:
            account.inbox.expunge([message.uid for message in account.inbox])
            account.inbox.uid_next = 1
    lab.transcript._records.clear()


def test_five_hundred_clients_at_once_lose_nothing_get_nothing_twice_and_leave_no_memory_behind(lab: Lab) -> None:
    doors = {
        "mx": lab.publish(MAIL_B, 25, as_host=MAIL_A),
        "submission": lab.publish(MAIL_A, 587, as_host="yamada-pc"),
        "pop3": lab.publish(MAIL_B, 110, as_host="goto-pc"),
        "imap": lab.publish(MAIL_B, 143, as_host="goto-pc"),
    }
    objects, peaks = [], []
    for number in range(WAVES):
        wave = Wave(lab, doors, number)
        asyncio.run(wave.run())
        lab.settle()
        assert len(wave.sent) == LETTERS * (STRANGERS + SUBMITTERS)
        twice = [name for name, count in collections.Counter(wave.received).items() if count > 1]
        assert (sorted(set(wave.sent) - set(wave.received)), twice) == ([], [])
        assert len(wave.received) == len(wave.sent)
        assert rest(lab) == IMAP_READERS * (WANTED - WANTED // 2)
        assert (lab.queue(MAIL_A), lab.queue(MAIL_B)) == ((), ())
        empty(lab)
        del wave
        gc.collect()
        objects.append(len(gc.get_objects()))
        peaks.append(peak())
    # The first wave loads modules and fills caches.
    assert objects[-1] - objects[-2] < OBJECTS, f"objects after each wave: {objects}"
    assert peaks[-1] - peaks[-2] < PEAK, f"octets at most until the end of each wave: {peaks}"
    print(objects, peaks)
