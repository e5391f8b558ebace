"""The ladder in a real JupyterLab: mouse, keyboard, Python and page in step; nothing leaves this computer."""

from pathlib import Path

import pytest

from .sight import fits, no_small_text, set_width, settle
from .test_flow_map_in_lab import HOSTILE

pytestmark = pytest.mark.browser

CELLS = [
    f"""
from email.message import EmailMessage
from pathlib import Path
from mailkit import Lab, two_domains
from mailkit.widgets import Ladder

lab = Lab(two_domains(), carrier="memory").start()
letter = EmailMessage()
letter["From"], letter["To"], letter["Subject"] = "Yamada <yamada@example.com>", "goto@example.co.jp", {HOSTILE!r}
letter.set_content("See you.")

def send(port=587):
    with lab.host("yamada-pc").smtp("mail.example.com", port) as smtp:
        smtp.starttls(context=lab.tls_context())
        smtp.login("yamada", lab.password("yamada@example.com"))
        smtp.send_message(letter)
    lab.settle()

send()
pop = lab.host("goto-pc").pop3("mail.example.co.jp")
pop.stls(context=lab.tls_context())
pop.user("goto")
pop.pass_(lab.password("goto@example.co.jp"))
pop.retr(1)
pop.quit()
try:
    lab.host("goto-mobile").smtp("mail.example.com", 587)
except OSError:
    pass
""",
    """
shown = Ladder(lab)
shown.observe(lambda change: Path("selected").write_text(str(change["new"])), "selected")
shown.observe(lambda change: Path("hosts").write_text(str(change["new"])), "hosts")
shown
""",
    "shown.hosts = ['goto-pc']",
    "shown.hosts = []",
    "Path('more').write_text('yes') if Path('ladder-done').exists() and not send() else None",
]


class OnPage:
    """The ladder on the page, and what Python last heard of it."""

    def __init__(self, notebook) -> None:
        self.notebook, self.page = notebook, notebook.page
        self.root = notebook.page.locator(".mw-lad").first
        self.root.wait_for()

    def row(self, text: str):
        return self.root.locator(".mw-lad-row", has_text=text).first

    def scroll_to(self, text: str):
        """The row with that text; rows out of sight are not in the page."""
        rows = self.root.locator(".mw-lad-rows")
        for top in range(0, 6000, 400):
            rows.evaluate("(rows, top) => rows.scrollTop = top", top)
            self.page.wait_for_timeout(50)
            if self.row(text).count():
                return self.row(text)
        raise AssertionError(f"no row {text!r}")

    def reset(self) -> None:
        """Nothing chosen, nothing open, at the top."""
        opened = self.root.locator(".mw-lad-row[aria-expanded='true']")
        if opened.count():
            opened.first.focus()
            self.page.keyboard.press("Escape")
            self.root.locator(".mw-lad-open").wait_for(state="detached")
        self.choose_hosts()
        self.root.get_by_label("Conversation").select_option("0")
        self.root.locator(".mw-lad-rows").evaluate("rows => rows.scrollTop = 0")
        self.row("220 mail.example.com").wait_for()

    def choose_hosts(self, *titles: str) -> None:
        """Only these, by mouse; none: all."""
        chooser = self.root.locator(".mw-lad-hosts")
        chooser.evaluate("details => details.open = true")
        for box in chooser.get_by_role("checkbox").all():
            box.set_checked((box.locator("xpath=..").inner_text()) in titles)
        chooser.evaluate("details => details.open = false")

    def focused(self) -> str:
        return self.page.evaluate("document.activeElement.dataset.place ?? document.activeElement.tagName")


@pytest.fixture(scope="module")
def notebook(run_notebook):
    return run_notebook("ladder", CELLS, accept_downloads=True)


@pytest.fixture
def ladder(notebook) -> OnPage:
    found = OnPage(notebook)
    found.root.scroll_into_view_if_needed()
    found.reset()
    return found


def test_a_click_opens_a_line_and_its_bytes_another_closes_it(ladder: OnPage) -> None:
    ladder.row("STARTTLS").click()
    opened = ladder.root.locator(".mw-lad-open")
    opened.wait_for()
    text = opened.inner_text()
    for word in ("One line of a reply of several", "RFC 5321 §4.2.1", "32 35 30 2d", "CR", "LF", "answers row"):
        assert word in text
    ladder.root.locator(".mw-lad-row[aria-expanded='true']").click()
    opened.wait_for(state="detached")


def test_arrows_home_end_and_enter_by_keyboard(ladder: OnPage) -> None:
    page = ladder.page
    cells = page.locator(".jp-Cell").count()
    ladder.root.locator(".mw-lad-row").first.focus()
    assert ladder.root.locator(".mw-lad-row[tabindex='0']").count() == 1
    for key, place in (("ArrowDown", "1"), ("ArrowDown", "2"), ("ArrowUp", "1"), ("Home", "0")):
        page.keyboard.press(key)
        assert ladder.focused() == place
    page.keyboard.press("End")
    last = int(ladder.root.locator(".mw-lad-row").first.evaluate("b => b.parentElement.ariaSetSize")) - 1
    assert ladder.focused() == str(last)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    ladder.root.locator(".mw-lad-open").wait_for()
    assert ladder.focused() == "1"
    page.keyboard.press("Escape")
    ladder.root.locator(".mw-lad-open").wait_for(state="detached")
    assert ladder.focused() == "1"
    assert page.locator(".jp-Cell").count() == cells


def test_a_password_is_covered_until_somebody_asks_for_it(ladder: OnPage) -> None:
    ladder.row("AUTH PLAIN ********").click()
    opened = ladder.root.locator(".mw-lad-open")
    opened.wait_for()
    assert "A secret is covered" in opened.inner_text()
    assert "********" in opened.locator(".mw-lad-box", has_text="decoded").inner_text()
    ladder.root.get_by_role("button", name="Show secrets").click()
    opened.get_by_text("A secret is covered").wait_for(state="detached")
    assert "********" not in opened.inner_text()
    assert "yamada" in opened.locator(".mw-lad-box", has_text="decoded").inner_text()
    ladder.root.get_by_role("button", name="Show secrets").click()
    opened.get_by_text("A secret is covered").wait_for()


def test_a_host_and_a_conversation_can_be_chosen(ladder: OnPage) -> None:
    ladder.choose_hosts("Goto's office PC")
    ladder.row("USER goto").wait_for()
    assert "220 mail.example.com" not in ladder.root.locator(".mw-lad-rows").inner_text()
    ladder.choose_hosts()
    ladder.root.get_by_label("Conversation").select_option("2")
    ladder.row("EHLO mail.example.com").wait_for()
    assert "USER goto" not in ladder.root.locator(".mw-lad-rows").inner_text()


def test_several_hosts_by_keyboard(ladder: OnPage) -> None:
    page, chooser = ladder.page, ladder.root.locator(".mw-lad-hosts")
    chooser.locator("summary").focus()
    for key in ("Enter", "Tab", "End", " ", "Home", " "):
        page.keyboard.press(key)
    ladder.notebook.wait_for_file("hosts", "['yamada-pc', 'goto-pc']")
    assert chooser.locator("summary").inner_text() == "Hosts: Yamada's PC, Goto's office PC"
    assert chooser.locator("input[tabindex='0']").count() == 1
    page.keyboard.press("Escape")
    assert not chooser.evaluate("details => details.open")
    assert page.evaluate("document.activeElement.localName") == "summary"


def test_the_words_come_when_they_are_opened(ladder: OnPage) -> None:
    words = ladder.root.locator("pre")
    assert words.text_content() == ""
    ladder.root.locator("summary", has_text="The same in words").click()
    ladder.page.wait_for_function("document.querySelector('.mw-lad pre').textContent.startsWith('Ladder: ')")
    ladder.choose_hosts("Goto's office PC")
    ladder.page.wait_for_function("!document.querySelector('.mw-lad pre').textContent.includes('STARTTLS')")
    ladder.root.locator("summary", has_text="The same in words").click()


def test_python_chooses_and_opens(ladder: OnPage) -> None:
    ladder.notebook.run_cell("shown.hosts = ['goto-pc']")
    ladder.row("220 mail.example.com").wait_for(state="detached")
    assert ladder.root.locator(".mw-lad-hosts summary").inner_text() == "Hosts: Goto's office PC"
    ladder.notebook.run_cell("shown.hosts = []")
    ladder.row("220 mail.example.com").wait_for()


def test_a_hostile_subject_is_text(ladder: OnPage) -> None:
    message = ladder.scroll_to("lines of a message")
    opened = ladder.root.locator(".mw-lad-open")
    message.click()
    opened.wait_for()
    assert "See you." in opened.inner_text()
    assert ladder.root.locator("img, script").count() == 0
    assert "\u202e" not in ladder.root.inner_text()
    assert ladder.page.title() not in ("1", "2")


@pytest.mark.parametrize(("button", "name", "begins"), [
    ("Save SVG", "ladder.svg", b"<svg "), ("Save pcap", "ladder.pcap", b"\xa1\xb2\xc3\xd4"),
])  # fmt: skip
def test_files_are_saved_without_a_request(ladder: OnPage, button: str, name: str, begins: bytes) -> None:
    with ladder.page.expect_download() as waiting:
        ladder.root.get_by_role("button", name=button).click()
    assert waiting.value.suggested_filename == name
    assert Path(waiting.value.path()).read_bytes().startswith(begins)


def test_nobody_but_the_own_server_was_asked(ladder: OnPage) -> None:
    assert ladder.notebook.asked_hosts() == {"127.0.0.1"}
    assert ladder.notebook.complaints == []


def test_what_happens_appears_by_itself(ladder: OnPage) -> None:
    calls = ladder.root.get_by_label("Conversation").locator("option")
    before = calls.count()
    ladder.notebook.run_cell("Path('more')")
    ladder.notebook.wait_for_file("more", "yes")
    calls.nth(before + 1).wait_for(state="attached")


ROW_AT = """([x, y]) => {
    const row = document.elementFromPoint(x, y)?.closest("[data-place]");
    return row && [row.dataset.place, row.getBoundingClientRect().top];
}"""


def row_under_the_pointer_stays(shown: OnPage) -> None:
    """A sheet comes while the pointer rests on a row: the row is where it was, and a press that began is a click."""
    page, rows = shown.page, shown.root.locator(".mw-lad-rows")
    rows.scroll_into_view_if_needed()
    box = rows.bounding_box()
    point = [box["x"] + 500, box["y"] + 150]
    page.mouse.move(*point)
    rows.evaluate("rows => rows.scrollTop = 195 * 30")  # the next sheet comes into sight
    page.wait_for_function(f"point => ({ROW_AT})(point)", arg=point)
    before = page.evaluate(ROW_AT, point)
    page.mouse.down()
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.evaluate(ROW_AT, point) == before
    page.mouse.up()
    shown.root.locator(".mw-lad-open").wait_for()
    assert page.evaluate("document.activeElement.dataset.place") == before[0]
    page.keyboard.press("Escape")
    shown.root.locator(".mw-lad-open").wait_for(state="detached")
    rows.evaluate("rows => rows.scrollTop = 0")
    shown.row("220 mail.example.com").wait_for()


def test_a_row_that_the_page_does_not_have_yet_gets_the_focus_when_it_comes(run_notebook) -> None:
    many = """
from pathlib import Path
from mailkit import Lab, two_domains
from mailkit.widgets import Ladder
lab = Lab(two_domains(), carrier="memory").start()
with lab.host("yamada-pc").smtp("mail.example.com", 25) as smtp:
    for _ in range(300):
        smtp.noop()
"""
    opened = run_notebook("many", [many, "Ladder(lab)"])
    shown = OnPage(opened)
    shown.root.locator(".mw-lad-row").first.focus()
    count = int(shown.root.locator(".mw-lad-row").first.evaluate("b => b.parentElement.ariaSetSize"))
    assert count > 600
    row_under_the_pointer_stays(shown)
    shown.root.locator(".mw-lad-row").first.focus()
    opened.page.keyboard.press("End")
    opened.page.wait_for_function(f"document.activeElement.dataset.place === '{count - 1}'")
    assert shown.root.locator(".mw-lad-row").count() < 60
    opened.page.keyboard.press("Enter")
    shown.root.locator(".mw-lad-open", has_text="The TCP connection is closed.").wait_for()


def test_an_open_line_fits_and_no_text_is_small(ladder: OnPage, shots: Path) -> None:
    ladder.row("AUTH PLAIN ********").click()
    ladder.root.locator(".mw-lad-open").wait_for()
    no_small_text(ladder.root)
    rows = ladder.root.locator(".mw-lad-rows")
    for width, layout in ((420, "narrow"), (700, "middle"), (1000, "wide")):
        set_width(ladder.root, width)
        ladder.page.wait_for_selector(f".mw[data-width='{layout}']")
        ladder.page.mouse.move(0, 0)
        for top, name in ((700, ""), (1e6, "-end")):
            rows.evaluate("(rows, top) => rows.scrollTop = top", top)
            settle(ladder.page)
            ladder.root.screenshot(path=shots / f"ladder-{width}{name}.png")
            fits(ladder.root)
    set_width(ladder.root, 0)
