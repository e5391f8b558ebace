"""The study cards in a real JupyterLab: by mouse and by keyboard, and what they leave in the file of progress."""

import json
from pathlib import Path

import pytest

from . import safety, saved, sight

pytestmark = pytest.mark.browser

KINDS = ("predict", "hint", "progress", "lookback")
CELLS = [
    """
    import os
    from mailkit.study.progress import Check
    from mailkit.study.store import current
    from mailkit.widgets import hints, look_back, predict, progress

    os.environ["MAILKIT_PROGRESS"] = FILE
    """,
    """
    options = {"a": "on Goto's office PC", "b": "on company A's mail server", "c": "on company B's mail server"}
    predict("00/where", "Yamada presses Send. A minute later, where is the letter?", options)
    """,
    "hints('00/deliver')",
    "progress()",
    "look_back({'00/where': 'c'})",
    """
    checks = {"00/deliver": Check(4, 4), "00/added-by": Check(1, 2)}
    for key, check in checks.items():
        current().change(lambda known: known.with_check(key, check))
    """,
]


class Cards:
    """The four cards of the page, and the file behind them."""

    def __init__(self, notebook) -> None:
        self.notebook, self.page = notebook, notebook.page
        self.file = notebook.server.folder / f"{notebook.name}.json"
        self.predict, self.hint, self.progress, self.look = (
            self.page.locator(f".mw:has(> .mw-{kind})").first for kind in KINDS
        )
        for root in self.roots:
            root.wait_for()

    @property
    def roots(self) -> list:
        return [self.predict, self.hint, self.progress, self.look]

    def kept(self) -> dict:
        return json.loads(self.file.read_text()) if self.file.exists() else {}

    def wait_for(self, part: str, expected: object) -> None:
        """Until the kernel has written that into the file."""
        for _ in range(100):
            if self.kept().get(part) == expected:
                return
            self.page.wait_for_timeout(50)
        raise TimeoutError(f"{part} is {self.kept().get(part)}, not {expected}")

    def wait_for_page(self, selector: str) -> None:
        self.page.wait_for_selector(selector, state="attached")

    def has_focus(self, selector: str) -> bool:
        return self.page.evaluate("selector => document.activeElement.matches(selector)", selector)


def begin(run_notebook, name: str, **options) -> Cards:
    return Cards(run_notebook(name, [cell.replace("FILE", repr(f"{name}.ipynb.json")) for cell in CELLS], **options))


@pytest.fixture(scope="module")
def cards(run_notebook) -> Cards:
    return begin(run_notebook, "study", viewport={"width": 1500, "height": 2400})


def answered(choice: str, settled: bool = False) -> dict:
    return {"00/where": {"choice": choice, "settled": settled}}


def test_one_click_is_kept(cards: Cards) -> None:
    cards.predict.get_by_role("radio", name="on company A's mail server").click()
    cards.wait_for("answers", answered("b"))
    cards.wait_for_page(".mw[data-chosen='b']")
    assert "You chose b. It is kept" in cards.predict.inner_text()


def test_by_keyboard_it_is_one_stop_with_arrows_home_and_end(cards: Cards) -> None:
    cards.predict.get_by_role("radio", checked=True).focus()
    for key, choice in (("ArrowUp", "a"), ("End", "c"), ("Home", "a"), ("ArrowDown", "b")):
        cards.page.keyboard.press(key)
        cards.wait_for("answers", answered(choice))
        assert cards.has_focus(f"input[value='{choice}']:checked")
    cards.page.keyboard.press("Tab")
    assert cards.has_focus(".mw summary")


def test_the_answer_comes_back_and_is_fixed_until_one_asks_again(cards: Cards) -> None:
    cards.notebook.run_cell("look_back({")
    cards.wait_for("answers", answered("b", settled=True))
    cards.wait_for_page(".mw[data-settled='true']")
    cards.look.get_by_text("Not as you predicted: this is the place to look at twice.", exact=True).wait_for()
    assert cards.predict.locator("input:disabled").count() == 3
    cards.predict.get_by_role("button", name="Ask me again").focus()
    cards.page.keyboard.press("Enter")
    cards.wait_for("answers", {})
    cards.wait_for_page(".mw[data-settled='false']")
    assert cards.has_focus(".mw-predict input")


def test_hints_come_one_by_one_by_keyboard(cards: Cards) -> None:
    assert "send_message" not in cards.hint.inner_text()
    for step, name in enumerate(("first", "second", "third"), 1):
        cards.hint.get_by_role("button", name=f"Show the {name} hint").focus()
        cards.page.keyboard.press("Enter")
        cards.wait_for("hints", {"00/deliver": step})
        cards.wait_for_page(f".mw[data-opened='{step}']")
        assert cards.has_focus(f".mw-hintsteps li:nth-child({step}) p")
    assert "send_message" in cards.hint.inner_text()
    assert cards.hint.get_by_role("button").count() == 0


def test_a_copy_is_downloaded_and_one_is_added(cards: Cards) -> None:
    with cards.page.expect_download() as download:
        cards.progress.get_by_role("button", name="Save a copy").click()
    copy = json.loads(Path(download.value.path()).read_text())
    assert download.value.suggested_filename == "mailkit-progress.json"
    assert copy == cards.kept()
    copy["proved"]["00/added-by"] = {"proved": 2, "of": 2}
    upload = {"name": "copy.json", "mimeType": "application/json", "buffer": json.dumps(copy).encode()}
    cards.progress.locator("input[type=file]").set_input_files(upload)
    cards.wait_for("proved", copy["proved"])
    cards.progress.get_by_text("The copy has been added.").wait_for()
    assert "6 of 6 proved" in cards.progress.inner_text()
    cards.progress.locator("input[type=file]").set_input_files({**upload, "buffer": b"no record"})
    cards.progress.get_by_text("That file is no saved progress: it is not JSON.").wait_for()


def test_a_chapter_opens_by_keyboard_and_stays_open_with_the_focus(cards: Cards) -> None:
    cards.progress.locator("summary").first.focus()
    cards.page.keyboard.press("Enter")
    cards.progress.get_by_text("Deliver one letter", exact=True).wait_for()
    before = cards.progress.locator("details").first.element_handle()
    cards.page.evaluate("file => document.querySelector('.mw-progress button[data-act=refresh]').click()")
    cards.page.wait_for_function("one => !one.isConnected", arg=before)
    assert cards.progress.get_by_text("Deliver one letter", exact=True).is_visible()
    assert cards.has_focus(".mw-chapters summary")


def test_a_saved_page_shows_question_and_answer_without_a_kernel(cards: Cards, open_notebook) -> None:
    ids = cards.page.evaluate("[...document.querySelectorAll('.mw [id]')].map(e => e.id)")
    assert ids
    assert len(ids) == len(set(ids))
    safety.nobody_was_asked(cards.notebook)
    stored = saved.widgets_in(cards.notebook.save())
    words = ("( ) a  on Goto's office PC", "0 of 3 shown", "0 of 6", "The run showed: c  on company B's mail server")
    for card, expected in zip(stored, words, strict=True):
        saved.has_words(card, expected)
    assert "on Goto&#x27;s office PC</li>" in stored[0]["text/html"]
    assert stored[1]["text/html"].count("<details>") == 3
    opened = saved.as_published(cards.notebook, open_notebook)
    opened.page.locator(".jp-OutputArea-output", has_text="on Goto's office PC").first.wait_for()


def test_what_was_looked_back_at_and_all_that_is_open_fit(cards: Cards) -> None:
    cards.predict.get_by_role("radio", name="on company A's mail server").click()
    cards.notebook.run_cell("look_back({")
    cards.wait_for("answers", answered("b", settled=True))
    cards.wait_for_page(".mw[data-settled='true']")
    cards.progress.get_by_text("Deliver one letter", exact=True).wait_for()
    for root in cards.roots:
        sight.fits_at_all_widths(root, (420, 1000))
