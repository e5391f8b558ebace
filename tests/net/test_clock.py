"""The lab's clock: it stands still until it is moved, and never goes back."""

from datetime import UTC, datetime, timedelta

from mailkit.net.clock import MORNING, Clock


def test_it_stands_still() -> None:
    clock = Clock()
    assert clock.now() == clock.now() == MORNING
    assert clock.seconds() == MORNING.timestamp()


def test_it_is_moved_forward_only() -> None:
    clock = Clock(datetime(2026, 4, 1, 12, 0, tzinfo=UTC))
    later = clock.now() + timedelta(hours=2)
    clock.move_to(later)
    clock.move_to(later - timedelta(hours=1))
    assert clock.now() == later
