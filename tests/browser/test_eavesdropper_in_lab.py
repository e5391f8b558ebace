"""The eavesdropper in a real JupyterLab: runs made by mouse and by keyboard, over TCP; passwords read or hidden."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

CELLS = [
    """
from pathlib import Path
from mailkit import Lab, two_domains
from mailkit.widgets import Eavesdropper

lab = Lab(two_domains()).start()
shown = Eavesdropper(lab)

def told():
    columns = {way: shown.model.column(way) for way in shown.model.columns()}
    states = [f"{way} {c.heard.learnt['password'].state}" for way, c in columns.items() if c]
    return f"{shown.service} {shown.way}: " + ", ".join(states)

shown.observe(lambda change: Path("told").write_text(told()), "_picture")
shown
""",
    r"""
with lab.host("yamada-pc").smtp("mail.example.com", 25) as smtp:
    smtp.sendmail("yamada@example.com", ["yamada@example.com"], "Subject: <b>mine</b>\n\nHello")
lab.settle(); shown.way = 'yours'; shown.refresh()
""",
    "shown.model._runs.clear(); shown.service = 'SMTP'; shown.way = 'clear'; shown.insists = False; shown.refresh()",
]


class OnPage:
    """The eavesdropper on the page, and what Python last heard of it."""

    def __init__(self, notebook) -> None:
        self.notebook, self.page = notebook, notebook.page
        self.root = notebook.page.locator(".mw-eav").first
        self.root.wait_for()

    def told(self, text: str) -> None:
        self.notebook.wait_for_file("told", text)

    def way(self, key: str):
        return self.root.locator(f"[data-key='way-{key}']")

    def focused(self) -> str:
        return self.page.evaluate("document.activeElement.dataset.key ?? document.activeElement.tagName")


@pytest.fixture(scope="module")
def notebook(run_notebook):
    return run_notebook("eavesdropper", CELLS)


@pytest.fixture
def shown(notebook) -> OnPage:
    found = OnPage(notebook)
    notebook.run_cell("shown.model._runs.clear()")
    found.root.locator("[aria-label^='Run it']").nth(3).wait_for()
    found.root.scroll_into_view_if_needed()
    return found


def test_a_way_that_nobody_has_tried_runs_at_a_click_and_the_password_is_read(shown: OnPage) -> None:
    shown.way("clear").click()
    shown.root.locator(".mw-eav-decoded", has_text="Base64 is spelling, not a lock").wait_for()
    shown.told("SMTP clear: yours unsaid, clear seen")
    shown.way("starttls").click()
    shown.told("SMTP starttls: yours unsaid, clear seen, starttls hidden")
    shown.root.get_by_text("Lines 1 to 12 readable; from line 13 on a tube.").first.wait_for()
    assert shown.root.locator(".mw-eav-tube").count() == 14
    assert shown.root.locator(".mw-eav-decoded").count() == 0


def test_protocols_by_arrow_keys_and_all_four_by_enter(shown: OnPage) -> None:
    cells = shown.page.locator(".jp-Cell").count()
    shown.root.get_by_role("radio", name="Send: SMTP").focus()
    shown.page.keyboard.press("ArrowRight")
    shown.root.get_by_role("radio", name="Fetch: POP3", checked=True).wait_for()
    assert shown.focused() == "service-POP3"
    shown.root.get_by_role("button", name="Try all four").focus()
    shown.page.keyboard.press("Enter")
    shown.told("POP3 clear: clear seen, starttls hidden, stripped seen, implicit hidden")
    shown.page.wait_for_function("document.activeElement.dataset.key === 'all'")
    shown.way("clear").click()
    shown.root.locator("[data-key='go-password']").focus()
    shown.page.keyboard.press("Enter")
    assert "PASS" in shown.page.evaluate("document.activeElement.textContent")
    assert shown.page.locator(".jp-Cell").count() == cells


def test_a_program_that_insists_keeps_its_password(shown: OnPage) -> None:
    shown.way("stripped").click()
    shown.told("SMTP stripped: yours unsaid, stripped seen")
    shown.root.get_by_label("The mail program insists on TLS").check()
    shown.root.locator("[data-key='run-stripped']").click()
    shown.told("SMTP stripped: yours unsaid, stripped unsaid")
    shown.root.get_by_text("No offer of TLS came").first.wait_for()


def test_the_labs_own_conversation_is_text_alone_and_nothing_leaves(shown: OnPage) -> None:
    shown.way("yours").click()
    shown.root.locator(".mw-eav-letter", has_text="Subject: <b>mine</b>").wait_for()
    assert shown.root.locator(".mw-eav-letter b").count() == 0
    assert shown.notebook.asked_hosts() <= {"127.0.0.1"}
    assert shown.notebook.complaints == []


@pytest.mark.parametrize("width", [420, 1000])
def test_widths(shown: OnPage, shots: Path, width: int) -> None:
    shown.root.get_by_role("button", name="Try all four").click()
    shown.root.locator(".mw-eav-secret").nth(15).wait_for()
    shown.root.evaluate("(root, width) => (root.style.width = `${width}px`)", width)
    shown.page.wait_for_selector(f".mw-eav[data-width='{'narrow' if width < 640 else 'wide'}']")
    shown.root.screenshot(path=shots / f"eavesdropper-{width}.png")
    assert shown.root.evaluate("root => root.scrollWidth - root.clientWidth") <= 0
    shown.root.evaluate("root => (root.style.width = '')")
