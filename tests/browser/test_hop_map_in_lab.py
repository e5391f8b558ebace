"""The hop map in a real JupyterLab: hops and fields opened by mouse and by keyboard, and a letter that failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..hostile import ONE_LINE
from . import access, safety, saved, sight

pytestmark = pytest.mark.browser

CELLS = [
    f'''
from pathlib import Path
from mailkit import Lab, two_domains
from mailkit.widgets import HopMap

records = """
$ORIGIN example.co.jp.
@     MX 5 first
first A 10.0.0.21
@     MX 90 last
last  A 10.0.0.99
"""
world = two_domains().with_records(records)
lab = Lab(world).start()
pc = lab.host("yamada-pc")

def send(to, content):
    with pc.smtp("mail.example.com", 587) as client:
        client.starttls(context=lab.tls_context())
        client.login("yamada@example.com", lab.password("yamada@example.com"))
        client.sendmail("yamada@example.com", [to], content)
    lab.settle()

hostile = {ONE_LINE!r}
field = "Received: from bank.example by mail.example.com with ESMTPS id A1; Sun, 05 Apr 2026 20:00:00 -0500"
forged = field + "\\r\\nReceived: " + hostile
send("goto@example.co.jp", f"{{forged}}\\r\\nSubject: {{hostile}}\\r\\n\\r\\nhi\\r\\n".encode())
shown = HopMap(lab, lab.mailbox("goto@example.co.jp")[0])
shown
''',
    "shown.selected = 2; Path('open').write_text('2')",
    "Path('selected').write_text(str(shown.selected))",
    """
send("nobody@example.co.jp", b"Subject: lost\\r\\n\\r\\nhi\\r\\n")
bounce = HopMap(lab, lab.mailbox("yamada@example.com")[0])
bounce.selected = 2
bounce
""",
]


class Page:
    """The widget on the page."""

    def __init__(self, notebook) -> None:
        self.notebook, self.page = notebook, notebook.page
        self.root = notebook.page.locator(".mw").first
        self.root.wait_for()
        self.root.scroll_into_view_if_needed()

    def hop(self, number: int):
        return self.root.locator(f".mw-strip [data-n='{number}']")

    def rung(self, number: int):
        return self.root.locator(f".mw-rungs [data-n='{number}']")

    def is_open(self, number: int) -> None:
        """Pressed in both lists, and told beside them."""
        self.page.wait_for_selector(f".mw[data-selected='{number}']")
        if number:
            self.root.locator(".mw-openpart, .mw-opened .mw-where").first.wait_for()

    def opened(self) -> str:
        return self.root.locator(".mw-opened").inner_text()


@pytest.fixture(scope="module")
def notebook(run_notebook):
    return run_notebook("hops", CELLS, viewport={"width": 1500, "height": 1600})


@pytest.fixture
def hops(notebook) -> Page:
    found = Page(notebook)
    if found.root.get_attribute("data-selected") != "0":
        found.root.locator("[aria-pressed='true']").first.focus()
        found.page.keyboard.press("Escape")
        found.is_open(0)
    return found


def test_by_mouse_a_field_opens_its_conversation_and_its_hop(hops: Page) -> None:
    hops.rung(1).click()
    hops.is_open(1)
    hops.root.get_by_text("with TLS, the sender logged in").wait_for()
    assert hops.hop(1).get_attribute("aria-pressed") == "true"
    assert "RCPT TO:<goto@example.co.jp>" in hops.opened().replace("rcpt", "RCPT")
    hops.hop(2).click()
    hops.is_open(2)
    hops.root.get_by_text("The lowest number is called first").first.wait_for()
    assert hops.rung(2).get_attribute("aria-pressed") == "true"
    hops.notebook.run_cell("Path('selected')")
    hops.notebook.wait_for_file("selected", "2")


def test_a_forged_field_is_nobodys(hops: Page) -> None:
    assert "nobody in this lab wrote this" in hops.rung(-3).inner_text()
    hops.rung(-3).click()
    hops.is_open(-3)
    hops.root.get_by_text("Whoever hands a letter in").first.wait_for()
    assert hops.root.locator(".mw-strip [aria-pressed='true']").count() == 0


def test_by_keyboard_alone(hops: Page) -> None:
    hops.hop(1).focus()
    active = "document.activeElement.dataset.n"
    for keys, expected in (("ArrowRight", "2"), ("Home", "1"), ("End", "2"), ("ArrowUp", "1"), ("ArrowLeft", "1")):
        hops.page.keyboard.press(keys)
        assert hops.page.evaluate(active) == expected
    hops.page.keyboard.press("Enter")
    hops.is_open(1)
    assert hops.page.evaluate(active) == "1"
    hops.rung(2).focus()
    hops.page.keyboard.press("End")
    assert hops.page.evaluate(active) == "-4"
    hops.page.keyboard.press("Space")
    hops.is_open(-4)
    hops.page.keyboard.press("Escape")
    hops.is_open(0)
    assert hops.page.evaluate(active) == "-4"


def test_python_opens_on_the_page(hops: Page) -> None:
    hops.notebook.run_cell("shown.selected = 2")
    hops.is_open(2)
    hops.root.get_by_text("no answer").first.wait_for()


def test_what_letters_say_is_text(hops: Page) -> None:
    hops.rung(-4).click()
    hops.is_open(-4)
    safety.nothing_ran(hops.page, hops.root, "<script>window.mailkitWasHere=1</script>")
    safety.nobody_was_asked(hops.notebook)


def test_hops_and_fields_are_a_tab_stop_each(hops: Page) -> None:
    assert len(access.tab_through(hops.page, hops.root, ".mw-strip", ".mw-rungs")) <= 8


def test_whom_dns_named_and_a_bounce(hops: Page, shots: Path) -> None:
    hops.hop(2).click()
    hops.is_open(2)
    hops.page.mouse.move(0, 0)  # what the mouse rests on has another colour
    sight.not_by_colour_alone(hops.root, ".mw-mxone")
    bounce = hops.page.locator(".mw").nth(1)
    bounce.screenshot(path=shots / "hops-bounce.png")
    for root in (hops.root, bounce):
        sight.fits_at_all_widths(root, (420, 1000))


def test_a_saved_notebook_has_it_in_words_and_as_a_picture(hops: Page) -> None:
    forged, bounce = saved.widgets_in(hops.notebook.save())
    saved.has_words(forged, "Hops: 2. Received fields: 4.", "nobody in this lab wrote this")
    saved.has_picture(hops.page, forged, "MX 5 first.example.co.jp: no answer")
    saved.has_words(bounce, "The letter that failed", "C: RCPT TO:<nobody@example.co.jp>")
    saved.has_picture(hops.page, bounce, "bounced 550")
