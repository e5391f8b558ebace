"""Envelope and letter in a real JupyterLab: sort by mouse and by keyboard, write, send, and see what arrived."""

from __future__ import annotations

import pytest

from ..hostile import ONE_LINE
from . import access, safety, saved, sight

pytestmark = pytest.mark.browser

CELLS = [
    """
from pathlib import Path
from mailkit import Lab, two_domains
from mailkit.widgets import EnvelopeAndLetter

lab = Lab(two_domains()).start()
shown = EnvelopeAndLetter(lab, "yamada@example.com")
shown
""",
    "Path('mail').write_text(str(sum(b'Bcc: boss' in m.raw for m in lab.mailbox('goto@example.co.jp'))))",
    "shown.send(subject='from Python')",
    """
second = EnvelopeAndLetter(lab, 'goto@example.co.jp')
second.send()
second.reveal()
second
""",
]


class Page:
    """The widget on the page."""

    def __init__(self, notebook) -> None:
        self.notebook, self.page = notebook, notebook.page
        self.root = notebook.page.locator(".mw").first
        self.root.wait_for()
        self.root.scroll_into_view_if_needed()
        if self.root.get_attribute("data-letter") == "0":
            self.send()

    def send(self) -> None:
        """Hand the letter in; comes back when it is shown."""
        before = self.root.get_attribute("data-letter")
        self.root.locator("[data-act='send']").click()
        self.page.wait_for_function(
            "([root, before]) => root.dataset.letter !== before", arg=[self.root.element_handle(), before]
        )

    def cell(self, line: int, place: str):
        return self.root.locator(f"[data-line='{line}'][data-place='{place}']")

    def is_put(self, line: int, *, right: bool) -> None:
        how = "[data-right]" if right else ":not([data-right]):has([aria-pressed='true'])"
        self.root.locator(f"[data-row='{line}']{how}").wait_for()

    def field(self, name: str):
        return self.root.locator(f"[id$='-{name}']")

    def lying(self) -> str:
        return self.root.locator(".mw-lying").inner_text()


@pytest.fixture(scope="module")
def notebook(run_notebook):
    return run_notebook("letter", CELLS, viewport={"width": 1500, "height": 1600})


@pytest.fixture
def letter(notebook) -> Page:
    found = Page(notebook)
    found.root.locator("[data-act='again']").click()
    found.page.wait_for_function("root => !root.querySelector('[aria-pressed=true]')", arg=found.root.element_handle())
    return found


def test_by_mouse_a_line_is_put_and_told_why(letter: Page) -> None:
    letter.cell(1, "body").click()
    letter.is_put(1, right=False)
    assert "Not in “Body”. MAIL FROM is the return address" in letter.root.locator("[data-row='1']").inner_text()
    letter.cell(1, "envelope").click()
    letter.is_put(1, right=True)
    assert "MAIL FROM:<yamada@example.com>" in letter.lying().replace("mail FROM", "MAIL FROM")
    assert "1 of 17" in letter.root.get_by_role("status").inner_text()


def test_by_keyboard_alone(letter: Page) -> None:
    cells = letter.page.locator(".jp-Cell").count()
    letter.cell(1, "envelope").focus()
    for keys in ("Enter", "ArrowDown ArrowRight ArrowRight ArrowRight Space", "End Enter", "Home ArrowRight ArrowLeft"):
        for key in keys.split():
            letter.page.keyboard.press(key)
    letter.is_put(1, right=True)
    letter.is_put(2, right=True)
    letter.is_put(17, right=True)
    active = "document.activeElement.dataset.line + document.activeElement.dataset.place"
    assert letter.page.evaluate(active) == "1body"
    assert letter.root.locator("[data-place][tabindex='0']").count() == 1
    assert letter.page.locator(".jp-Cell").count() == cells


def test_what_is_written_is_sent_and_what_arrived_is_shown(letter: Page) -> None:
    letter.field("bcc").fill("boss@example.com")
    letter.field("rcpt_to").focus()
    letter.page.keyboard.press("Control+End")
    letter.page.keyboard.type("\nnobody@example.co.jp")
    letter.send()
    arrived = letter.root.locator(".mw-copies").inner_text()
    assert "Bcc: boss@example.com" in arrived
    assert "Bcc can be read here" in arrived
    assert ": a notice of failure" in arrived
    letter.notebook.run_cell("Path('mail')")
    letter.notebook.wait_for_file("mail", "1")
    letter.field("bcc").fill("")
    letter.root.locator("[data-act='reset']").click()
    assert letter.field("bcc").input_value() == "boss@example.com"


def test_hostile_text_is_text(letter: Page) -> None:
    for name in ("subject", "body", "from_", "rcpt_to"):
        letter.field(name).fill(ONE_LINE)
    letter.field("rcpt_to").fill("goto@example.co.jp")
    letter.send()
    letter.root.locator("[data-act='reveal']").click()
    letter.is_put(1, right=True)
    safety.nothing_ran(letter.page, letter.root, "<script>window.mailkitWasHere=1</script>", "Subject: <script>")


def test_python_sends_on_the_page(letter: Page) -> None:
    letter.notebook.run_cell("from Python")
    letter.root.get_by_text("Subject: from Python").first.wait_for()
    assert letter.field("subject").input_value() == "from Python"


def test_two_on_a_page_share_no_id_and_no_request_leaves(letter: Page) -> None:
    ids = letter.page.evaluate("[...document.querySelectorAll('.mw [id]')].map(e => e.id)")
    assert len(ids) >= 14
    assert len(ids) == len(set(ids))
    safety.nobody_was_asked(letter.notebook)


def test_the_lines_are_one_tab_stop(letter: Page) -> None:
    assert len(access.tab_through(letter.page, letter.root, ".mw-grid")) <= 14


def test_what_is_put_right_and_wrong_is_not_told_by_colour_alone(letter: Page) -> None:
    for text, place in (
        ("mail FROM", "envelope"),
        ("rcpt TO", "header"),
        ("Message-ID", "header"),
        ("queued", "neither"),
    ):
        line = int(letter.root.locator("[data-row]", has_text=text).first.get_attribute("data-row"))
        letter.cell(line, place).click()
        letter.is_put(line, right=text != "rcpt TO")
    letter.page.mouse.move(0, 0)  # what the mouse rests on has another colour
    sight.fits_at_all_widths(letter.root, (420, 1000))
    sight.not_by_colour_alone(letter.root, ".mw-sortrow")


def test_a_saved_notebook_has_it_in_words_and_as_a_picture(letter: Page) -> None:
    stored = saved.widgets_in(letter.notebook.save())[1]
    saved.has_words(stored, "goto@example.co.jp hands letters in", "All 17 lines", "To: Yamada <yamada@example.com>")
    saved.has_picture(letter.page, stored, "Envelope: decides delivery", "To: Yamada <yamada@example.com>")
