"""The queue: when something is due, what settles it, when it is given up. Time is an argument."""

from __future__ import annotations

import pytest

from mailkit.mail.envelope import Envelope
from mailkit.mail.reply import Reply
from mailkit.server.queue import GIVE_UP_AFTER, RETRY_AFTER, Outcome, Queue

A, B, C = "a@x.example", "b@x.example", "c@y.example"
DONE = Outcome("relayed", Reply(250))
FILED = Outcome("filed", Reply(250))
FAILED = Outcome("bounced", Reply(550, "5.1.1", "no such user"))
LATER = Outcome("deferred", Reply(450, "4.2.0", "greylisted"))
NOW = 1_000_000.0


@pytest.fixture
def queue() -> Queue:
    queue = Queue("A")
    queue.put(queue.next_id(), Envelope("s@z.example", (A, B, C)), b"content", NOW)
    return queue


def test_ids_count_up_and_begin_with_the_servers_letter() -> None:
    queue = Queue("B")
    assert [queue.next_id() for _ in range(3)] == ["B1", "B2", "B3"]


def test_a_new_message_is_due_at_once(queue: Queue) -> None:
    assert [entry.queue_id for entry in queue.due(NOW)] == ["A1"]
    assert queue.next_due() == NOW
    assert queue.due(NOW - 1) == []


def test_an_empty_queue_is_never_due() -> None:
    assert Queue("A").next_due() is None
    assert Queue("A").due(NOW) == []


@pytest.mark.parametrize("outcome", [DONE, FILED, FAILED])
def test_a_message_leaves_when_every_recipient_is_done(queue: Queue, outcome: Outcome) -> None:
    (entry,) = queue
    queue.settle(entry, dict.fromkeys((A, B, C), outcome), NOW)
    assert list(queue) == []
    assert len(queue) == 0


def test_only_who_was_deferred_waits_for_the_next_attempt(queue: Queue) -> None:
    (entry,) = queue
    queue.settle(entry, {A: DONE, B: LATER, C: FAILED}, NOW)
    (entry,) = queue
    assert entry.envelope == Envelope("s@z.example", (B,))
    assert entry.content == b"content"
    assert entry.reason == "450 4.2.0 greylisted"
    assert queue.due(NOW + RETRY_AFTER - 1) == []
    assert queue.due(NOW + RETRY_AFTER) == [entry]
    queue.settle(entry, {B: DONE}, NOW + RETRY_AFTER)
    assert len(queue) == 0


def test_what_is_due_first_is_named_first(queue: Queue) -> None:
    (first,) = queue
    queue.settle(first, dict.fromkeys((A, B, C), LATER), NOW)
    queue.put(queue.next_id(), Envelope("", (A,)), b"", NOW + 60)
    assert queue.next_due() == NOW + 60
    assert [entry.queue_id for entry in queue.due(NOW + RETRY_AFTER)] == ["A1", "A2"]


def test_a_message_is_given_up_by_its_age_not_by_its_attempts(queue: Queue) -> None:
    (entry,) = queue
    for attempt in range(5):
        queue.settle(entry, dict.fromkeys((A, B, C), LATER), NOW + attempt)
    assert not queue.is_too_old(entry, NOW + GIVE_UP_AFTER - 1)
    assert queue.is_too_old(entry, NOW + GIVE_UP_AFTER)


def test_times_are_those_of_the_standard() -> None:
    """RFC 5321 §4.5.4.1: at least half an hour between attempts, four to five days in all."""
    assert RETRY_AFTER >= 30 * 60
    assert 4 * 86400 <= GIVE_UP_AFTER <= 5 * 86400


@pytest.mark.parametrize(("outcome", "final"), [(DONE, True), (FILED, True), (FAILED, True), (LATER, False)])
def test_an_outcome_is_final_or_it_is_not(outcome: Outcome, final: bool) -> None:
    assert outcome.is_final is final
