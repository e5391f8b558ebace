"""The console in a real JupyterLab: a wrong command and its explanation, a whole letter by keyboard alone."""

from pathlib import Path

import pytest

from .sight import fits, fits_at_all_widths, no_small_text, set_width

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="document.title=1"> \u202egnp.exe'
CELLS = [
    """
from pathlib import Path
from mailkit import Lab, single_server
from mailkit.widgets import Console

lab = Lab(single_server()).start()
shown = Console(lab.host("yamada-pc"), "mail.example.com", 25)
shown
""",
    "shown.say('EHLO from-python')",
    "lab.settle(); Path('mail').write_text(str(len(lab.mailbox('yamada@example.com'))))",
    "other = Console(lab.host('yamada-pc'), 'mail.example.com', 143); other",
]
LETTER = [
    ("EHLO pc", "greeted"),
    ("MAIL FROM:<yamada@example.com>", "sender"),
    ("RCPT TO:<yamada@example.com>", "recipients"),
    ("DATA", "content"),
    ("Subject: by hand", "content"),
    ("", "content"),
    ("See you.", "content"),
    (".", "greeted"),
]


class Page:
    """The console on the page."""

    def __init__(self, notebook) -> None:
        self.notebook, self.page = notebook, notebook.page
        self.root = notebook.page.locator(".mw").first
        self.root.wait_for()
        self.root.scroll_into_view_if_needed()
        self.line = self.root.get_by_label("Your line")

    def reconnect(self) -> None:
        self.root.get_by_role("button", name="Reconnect").click()
        self.is_at("connected")

    def is_at(self, state: str) -> None:
        self.page.wait_for_selector(f".mw[data-state='{state}']")

    def type(self, text: str) -> None:
        """A line by keyboard; comes back when it is in the log."""
        lines = int(self.root.get_attribute("data-lines"))
        self.line.focus()
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")
        self.page.wait_for_function(
            "([root, lines]) => Number(root.dataset.lines) > lines", arg=[self.root.element_handle(), lines]
        )

    def log(self) -> str:
        return self.root.get_by_role("log").inner_text()


@pytest.fixture(scope="module")
def notebook(run_notebook):
    return run_notebook("console", CELLS)


@pytest.fixture
def console(notebook) -> Page:
    found = Page(notebook)
    found.reconnect()
    return found


def test_a_wrong_command_gets_the_servers_reply_and_an_explanation(console: Page) -> None:
    console.type("MAIL FROM:<yamada@example.com>")
    assert "503 5.5.1 say EHLO first" in console.log()
    assert "MAIL is not legal in the state “connected”: EHLO must come first." in console.log()
    assert console.root.locator("svg [data-here]").get_attribute("data-state") == "connected"


def test_a_whole_letter_by_keyboard_arrives(console: Page) -> None:
    for text, state in LETTER:
        console.type(text)
        console.is_at(state)
        assert console.root.locator("svg [data-here]").get_attribute("data-state") == state
    console.notebook.run_cell("lab.settle()")
    console.notebook.wait_for_file("mail", "1")


def test_arrows_bring_back_earlier_lines_and_make_no_cells(console: Page) -> None:
    cells = console.page.locator(".jp-Cell").count()
    for text in ("EHLO one", "EHLO two"):
        console.type(text)
    assert console.line.input_value() == ""
    for key, expected in (("Up", "EHLO two"), ("Up", "EHLO one"), ("Down", "EHLO two"), ("Down", "")):
        console.page.keyboard.press(f"Arrow{key}")
        assert console.line.input_value() == expected
    console.page.keyboard.type("abdx")
    assert console.line.input_value() == "abdx"
    console.line.fill("")
    assert console.page.locator(".jp-Cell").count() == cells


def test_a_legal_command_fills_the_line(console: Page) -> None:
    console.root.locator("button[data-fill='EHLO']").focus()
    console.page.keyboard.press("Enter")
    assert console.line.input_value() == "EHLO [192.168.1.10]"
    console.page.keyboard.press("Enter")
    console.is_at("greeted")
    console.root.locator("button[data-fill='MAIL']").click()
    console.page.keyboard.type("a@b.example")
    assert console.line.input_value() == "MAIL FROM:<a@b.example>"
    console.line.fill("")


def test_hostile_text_is_text(console: Page) -> None:
    console.type(f"HELP {HOSTILE}")
    assert "<img src=x" in console.log()
    assert "\u202e" not in console.root.inner_text()
    assert console.root.locator("img, script").count() == 0
    assert console.page.title() != "1"


def test_a_password_is_hidden_while_it_is_typed_unless_its_owner_looks(console: Page) -> None:
    reveal = console.root.get_by_role("button", name="Show what I type")
    console.line.focus()
    console.page.keyboard.type("AUTH PLAIN ")
    assert (console.line.evaluate("line => line.type"), reveal.count()) == ("text", 0)
    console.page.keyboard.type("AHlh")
    assert console.line.get_attribute("type") == "password"
    assert console.line.input_value() == "AUTH PLAIN AHlh"
    assert "what you type is hidden" in console.root.get_by_role("status").inner_text()
    console.page.keyboard.press("Tab")
    console.page.keyboard.press("Enter")
    assert console.line.get_attribute("type") == "text"
    console.line.fill("")
    assert reveal.count() == 0


def test_what_stays_has_a_way_and_no_label_is_cut(console: Page) -> None:
    console.root.locator("svg text", has_text="VRFY, EXPN").first.wait_for()
    imap = console.page.locator(".mw").nth(1)
    assert "LOGIN, AUTHENTICATE" in imap.locator("svg").first.text_content()
    for root in (console.root, imap):
        fits_at_all_widths(root)


def test_python_speaks_on_the_page(console: Page) -> None:
    console.notebook.run_cell("shown.say('EHLO from-python')")
    console.is_at("greeted")
    assert "EHLO from-python" in console.log()


def test_two_consoles_share_no_id_and_no_request_leaves(console: Page) -> None:
    ids = console.page.evaluate("[...document.querySelectorAll('.mw [id]')].map(e => e.id)")
    assert len(ids) > 6
    assert len(ids) == len(set(ids))
    assert console.notebook.asked_hosts() == {"127.0.0.1"}
    assert console.notebook.complaints == []


def test_a_refusal_explained_fits(console: Page, shots: Path) -> None:
    for text in ("MAIL FROM:<yamada@example.com>", *(line for line, _ in LETTER[:4])):
        console.type(text)
    for width, layout in ((420, "narrow"), (1000, "wide")):
        set_width(console.root, width)
        console.page.wait_for_selector(f".mw[data-width='{layout}']")
        console.root.screenshot(path=shots / f"console-{width}.png")
        fits(console.root)
    no_small_text(console.root)
    set_width(console.root, 0)
