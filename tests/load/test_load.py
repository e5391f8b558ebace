"""Five hundred conversations at once, over all protocols, one after the other without a gap.

Nothing is lost, nothing comes twice, memory stays flat. `LOAD_SECONDS=600 make test-load` lets it last ten minutes.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
from typing import TYPE_CHECKING, Any

import pytest

from mailkit.lab.lab import Lab
from mailkit.lab.story import two_domains
from mailkit.lab.topology import User

from .workload import CLIENTS, READERS, Workload

resource: Any = pytest.importorskip("resource", reason="Windows neither limits nor tells these")

from .measures import Gauge, blocks  # noqa: E402 - it needs `resource` too

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailkit.net.publish import Published
    from mailkit.trace.transcript import Flow

pytestmark = pytest.mark.load
SECONDS = max(60, int(os.environ.get("LOAD_SECONDS", "90")))
WARM_UP = 15
BLOCKS = 2000
"""Pieces of memory that may be there after the load and were not before. One for each conversation is thousands."""
GROWTH = 8 << 20
"""Octets between the means of the second and of the last third; in the first, the heap finds its size."""
HELD = 2, 2048
"""The transcript needs less than twice what was said, and 2 KB for each call."""
MAIL_A, MAIL_B = "mail.example.com", "mail.example.co.jp"


@pytest.fixture(scope="module", autouse=True)
def _descriptors() -> Iterator[None]:
    """A client and its server's end are two descriptors in this one process, and follow one another without a gap."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 6 * CLIENTS + 256
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
    company_b = company_b._replace(users=people, login_in_clear=True)
    with Lab(dataclasses.replace(world, servers=(company_a, company_b)), name="load", carrier="tcp") as lab:
        yield lab


@pytest.fixture
def doors(lab: Lab) -> dict[str, Published]:
    imap = lab.publish(MAIL_B, 143, as_host="goto-pc")
    return {
        "mx": lab.publish(MAIL_B, 25, as_host="goto-mobile"),
        "submission": lab.publish(MAIL_A, 587, as_host="yamada-pc"),
        "pop3": lab.publish(MAIL_B, 110, as_host="goto-pc"),
        "imap": imap,
        "idle": imap,
    }


def is_client(flow: Flow) -> bool:
    """Company A's server calls company B's when it relays."""
    return flow.client != MAIL_A


def rest(lab: Lab) -> list[bytes]:
    """All that is in a mailbox, whoever's."""
    return [m.raw for s in lab._servers for account in s.store for box in account.mailboxes.values() for m in box]


def empty(lab: Lab) -> None:
    """Throw the letters away: they are there to stay, and so no leak."""
    for server in lab._servers:
        for account in server.store:
            for box in account.mailboxes.values():
                box.expunge([message.uid for message in box])


def load(lab: Lab, doors: dict[str, Published], seconds: int) -> tuple[Workload, Gauge]:
    """Load, and close the accounts."""
    workload, gauge = Workload(lab, doors), Gauge(lab, is_client)
    asyncio.run(workload.run(seconds, gauge.look))
    lab.settle()
    workload.ledger.settle(rest(lab))
    empty(lab)
    gauge.empty_transcript()
    return workload, gauge


def test_five_hundred_clients_at_once_lose_nothing_get_nothing_twice_and_leave_no_memory_behind(
    lab: Lab, doors: dict[str, Published]
) -> None:
    load(lab, doors, WARM_UP)  # loads modules, fills caches, makes every mailbox
    before = blocks()
    workload, gauge = load(lab, doors, SECONDS)
    after = blocks()
    calls, talks, always = gauge.calls, workload.talks, gauge.fewest_open
    grown = gauge.mean_of_third(2) - gauge.mean_of_third(1)
    print(f"\n{calls} calls in {SECONDS} s, never fewer than {always} open; {workload.ledger.accepted_count} letters")
    print(f"conversations: {dict(talks)}")
    print(f"memory, MB, over the time: {[octets >> 20 for octets in gauge.octets[:: SECONDS // 15]]}")
    print(f"last third less the one before: {grown / 2**20:.2f} MB; at rest {before} blocks, then {after}")
    print(f"transcript, octets a call: {gauge.words // calls} said, {gauge.kept // calls} held")
    assert workload.ledger.wrong[:5] == []
    assert (lab.queue(MAIL_A), lab.queue(MAIL_B)) == ((), ())
    assert always >= CLIENTS
    assert min(talks[kind] for kind in (*doors, "news")) > CLIENTS // 5, talks
    assert after - before < BLOCKS
    assert grown < GROWTH
    # The transcript grows by design: with what was said, and a little for each piece of it.
    assert gauge.kept < HELD[0] * gauge.words + HELD[1] * calls
