"""One widget and one lab under two threads at once: what a page sends, beside what a cell calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import traitlets

from mailkit.lab.lab import Lab
from mailkit.lab.story import two_domains
from mailkit.study.store import Store
from mailkit.widgets import Console, Timeline
from mailkit.widgets.shell import TextFirstWidget
from mailkit.widgets.study_widgets import Hints

from ..threads import at_once

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMES = 40
SERVER, YAMADA, GOTO = "mail.example.com", "yamada-pc", "goto@example.co.jp"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(two_domains(), name="turns", carrier="memory") as started:
        yield started


def page_says(widget: TextFirstWidget, content: Any) -> None:
    """As ipywidgets hands it in, whole."""
    widget._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})


class Counter(TextFirstWidget):
    """Counts in a way that loses what comes in between."""

    position = traitlets.Int(0)

    def __init__(self) -> None:
        self.count, self.overlaps, self._busy = 0, 0, False
        super().__init__()
        self.on_msg(lambda *_: self._add())
        self.observe(lambda _: self._add(), "position")

    def add(self) -> None:
        self._add()

    def _add(self) -> None:
        self.overlaps += self._busy
        self._busy, found = True, self.count
        for _ in range(3000):
            found = int(str(found))
        self.count, self._busy = found + 1, False

    def fail(self) -> None:
        raise LookupError("no such letter")


def test_a_click_a_call_and_an_attribute_come_one_after_the_other():
    counter = Counter()

    def set_positions() -> None:
        for number in range(1, TIMES + 1):
            counter.position = number

    at_once(
        lambda: [page_says(counter, {"do": "add"}) for _ in range(TIMES)],
        lambda: [counter.add() for _ in range(TIMES)],
        set_positions,
    )
    assert (counter.count, counter.overlaps) == (3 * TIMES, 0)


def test_an_act_that_fails_gives_its_turn_back():
    counter = Counter()
    with pytest.raises(LookupError):
        counter.fail()
    at_once(counter.add)
    assert counter.count == 1


def test_what_a_handler_raises_is_told_and_the_next_message_is_heard(caplog):
    counter = Counter()
    counter.on_msg(lambda *_: counter.fail())
    page_says(counter, {})
    assert "no such letter" in caplog.text
    at_once(lambda: page_says(counter, {}))
    assert counter.count == 2


def test_two_who_speak_through_one_console_each_read_the_reply_to_their_own_line(lab):
    console = Console(lab.host(YAMADA), SERVER, 25)
    page_says(console, {"do": "say", "line": "EHLO yamada-pc"})
    before = len(console.model.entries)
    at_once(
        lambda: [page_says(console, {"do": "say", "line": "NOOP"}) for _ in range(TIMES)],
        lambda: [console.say("VRFY goto") for _ in range(TIMES)],
    )
    said = [entry.text for entry in console.model.entries[before:] if entry.by in "CS"]
    replies = {
        line: {reply[:3] for at, reply in zip(said[::2], said[1::2], strict=True) if at == line} for line in said[::2]
    }
    assert replies == {"NOOP": {"250"}, "VRFY goto": {"252"}}
    assert len(said) == 4 * TIMES


def test_letters_from_a_button_and_from_a_cell_all_arrive(lab):
    shown = Timeline(lab)

    def from_a_cell() -> None:
        for number in range(10):
            with lab.host(SERVER).smtp("mail.example.co.jp", 25) as client:
                client.sendmail("yamada@example.com", [GOTO], f"Subject: {number}\r\n\r\nx\r\n")
            lab.settle()

    at_once(lambda: [page_says(shown, {"do": "send", "to": GOTO}) for _ in range(10)], from_a_cell)
    assert len(lab.mailbox(GOTO)) == 20
    assert shown.model.records == len(lab.transcript)


def test_two_cards_that_draw_each_other_do_not_wait_for_each_other(tmp_path):
    store = Store(tmp_path / "progress.json")
    cards = [Hints(key, ["one", "two", "three"], store) for key in ("00/a", "00/b")]
    at_once(*(lambda card=card: [card.show_next() for _ in range(3)] for card in cards))
    assert all("three" in repr(card) for card in cards)
