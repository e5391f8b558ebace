"""The mail-flow map in a real JupyterLab: mouse, keyboard, Python and page in step; nothing leaves this computer."""

import json
from pathlib import Path

import pytest

from .sight import fits, set_width

pytestmark = pytest.mark.browser

CHAPTER = Path(__file__).resolve().parent.parent.parent / "notebooks" / "en" / "00-first-letter.ipynb"
HOSTILE = '<img src=x onerror="document.title=1"> \u202egnp.exe <script>document.title=2</script>'
CELLS = [
    f"""
from email.message import EmailMessage
from pathlib import Path
from mailkit import Lab, two_domains
from mailkit.widgets import MailFlowMap

lab = Lab(two_domains()).start()
letter = EmailMessage()
letter["From"], letter["To"], letter["Subject"] = "Yamada <yamada@example.com>", "goto@example.co.jp", {HOSTILE!r}
letter.set_content("See you.")

def send():
    with lab.host("yamada-pc").smtp("mail.example.com", 587) as smtp:
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
""",
    """
shown = MailFlowMap(lab)
shown.observe(lambda change: Path("position").write_text(str(change["new"])), "position")
shown
""",
    "shown.position = 2",
    "if shown.position == 1: shown.play()",
    """
if shown.position == 3:
    letter.replace_header("Subject", "The second one")
    send()
    Path("sent").write_text("yes")
""",
]


class Map:
    """The map on the page, and what Python last heard of it."""

    def __init__(self, notebook) -> None:
        self.notebook, self.page = notebook, notebook.page
        self.root = notebook.page.locator(".mw").first
        self.root.wait_for()

    def button(self, name: str):
        return self.root.get_by_role("button", name=name, exact=True)

    def is_at(self, position: int) -> None:
        """Both the page and Python are there, after whatever motion that takes."""
        self.page.wait_for_selector(f".mw[data-position='{position}']")
        self.notebook.wait_for_file("position", str(position))

    def reset(self) -> None:
        if self.root.get_attribute("data-position") != "0":
            self.button("Reset").click()
            self.is_at(0)

    def envelope(self) -> str:
        return self.root.locator("svg .mw-envelope").get_attribute("transform") or ""


@pytest.fixture(scope="module")
def notebook(run_notebook):
    return run_notebook("map", CELLS)


@pytest.fixture
def flow_map(notebook) -> Map:
    found = Map(notebook)
    found.root.scroll_into_view_if_needed()
    found.reset()
    return found


def test_next_hop_and_back_by_mouse(flow_map: Map) -> None:
    flow_map.button("Next hop").click()
    flow_map.is_at(1)
    assert "queue of Company A" in flow_map.root.get_by_role("status").inner_text()
    flow_map.button("Next hop").click()
    flow_map.is_at(2)
    flow_map.button("Back").click()
    flow_map.is_at(1)


@pytest.mark.parametrize("key", ["Enter", " "])
def test_next_hop_by_keyboard_keeps_the_focus(flow_map: Map, key: str) -> None:
    flow_map.button("Next hop").focus()
    for position in (1, 2):
        flow_map.page.keyboard.press(key)
        flow_map.is_at(position)
    assert flow_map.page.evaluate("document.activeElement.dataset.act") == "next"


def test_play_moves_the_envelope_hop_by_hop(flow_map: Map) -> None:
    start = flow_map.envelope()
    before = flow_map.root.locator("svg[role=group]").screenshot()
    flow_map.button("Play").click()
    flow_map.page.wait_for_timeout(450)
    assert flow_map.envelope() != start
    assert flow_map.root.locator("svg[role=group]").screenshot() != before
    flow_map.is_at(3)
    assert flow_map.root.get_by_role("status").inner_text() == "Goto's office PC has fetched the letter."
    flow_map.button("Reset").click()
    flow_map.is_at(0)
    assert flow_map.envelope() == start


def test_hosts_are_one_tab_stop_and_arrows_go_between_them(flow_map: Map) -> None:
    page = flow_map.page
    focused = "document.activeElement.dataset.host"
    assert flow_map.root.locator("svg .mw-node[tabindex='0']").count() == 1
    flow_map.root.locator("svg .mw-node[tabindex='0']").focus()
    cells = page.locator(".jp-Cell").count()
    page.keyboard.press("Home")
    assert page.evaluate(focused) == "yamada-pc"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) == "dns"
    page.keyboard.press("End")
    assert page.evaluate(focused) == "goto-pc"
    page.keyboard.press("Enter")
    assert page.evaluate(focused) == "goto-pc"
    assert "nowhere, so nobody can push mail to it" in flow_map.root.locator(".mw-panel").inner_text()
    assert flow_map.root.locator("svg .mw-node[tabindex='0']").get_attribute("data-host") == "goto-pc"
    assert page.locator(".jp-Cell").count() == cells
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('svg')") is None


def test_a_click_on_a_host_shows_what_it_has_and_did(flow_map: Map) -> None:
    flow_map.button("Next hop").click()
    flow_map.is_at(1)
    flow_map.root.locator("svg .mw-node[data-host='mail.example.com']").click()
    panel = flow_map.root.locator(".mw-panel").inner_text()
    assert "A1 → goto@example.co.jp" in panel
    assert "Yamada's PC calls port 587" in panel
    assert "asked DNS" not in panel


def test_python_moves_the_page(flow_map: Map) -> None:
    flow_map.notebook.run_cell("shown.position = 2")
    flow_map.is_at(2)


def test_python_plays_on_the_page(flow_map: Map) -> None:
    flow_map.button("Next hop").click()
    flow_map.is_at(1)
    flow_map.notebook.run_cell("shown.play()")
    flow_map.page.wait_for_selector(".mw[data-position='0']")
    flow_map.page.wait_for_selector(".mw[data-position='2']")
    flow_map.is_at(3)


def test_reset_in_the_middle_of_playing_ends_it(flow_map: Map) -> None:
    start = flow_map.envelope()
    flow_map.button("Play").click()
    flow_map.page.wait_for_timeout(300)
    flow_map.button("Reset").click()
    flow_map.page.wait_for_timeout(1200)
    assert flow_map.root.get_attribute("data-position") == "0"
    assert flow_map.envelope() == start
    assert flow_map.root.get_by_text("on its way").count() == 0


def test_the_same_in_words(flow_map: Map) -> None:
    flow_map.root.get_by_text("The same in words").click()
    assert "① Yamada's PC calls Company A's mail server, port 587 (SMTP)" in flow_map.root.locator("pre").inner_text()
    flow_map.root.get_by_text("The same in words").click()


def test_a_hostile_subject_is_text(flow_map: Map) -> None:
    letter = flow_map.root.locator(".mw-let")
    assert "<img src=x" in letter.inner_text()
    assert "\u202e" not in letter.inner_text()
    assert flow_map.root.locator("img, script").count() == 0
    assert flow_map.page.title() not in ("1", "2")


def test_without_motion_the_letter_is_there_at_once(flow_map: Map) -> None:
    flow_map.page.emulate_media(reduced_motion="reduce")
    flow_map.button("Next hop").click()
    flow_map.page.wait_for_selector(".mw[data-position='1']", timeout=600)
    flow_map.page.emulate_media(reduced_motion="no-preference")


def test_nobody_but_the_own_server_was_asked(flow_map: Map) -> None:
    assert flow_map.notebook.asked_hosts() == {"127.0.0.1"}
    assert flow_map.notebook.complaints == []


def test_the_latest_run_is_shown_on_demand(flow_map: Map) -> None:
    flow_map.button("Play").click()
    flow_map.is_at(3)
    flow_map.notebook.run_cell('"The second one"')
    flow_map.notebook.wait_for_file("sent", "yes")
    assert "The second one" not in flow_map.root.inner_text()
    flow_map.button("Show the latest run").click()
    flow_map.root.get_by_text("The second one").first.wait_for()
    flow_map.is_at(2)
    assert "Nobody has fetched the letter yet." in flow_map.root.inner_text()


def test_in_the_middle_of_a_run_it_fits(flow_map: Map, shots: Path) -> None:
    flow_map.button("Next hop").click()
    flow_map.is_at(1)
    for width, layout in ((420, "narrow"), (700, "middle"), (1100, "wide")):
        set_width(flow_map.root, width)
        flow_map.page.wait_for_selector(f".mw[data-width='{layout}']")
        flow_map.page.mouse.move(0, 0)
        flow_map.root.screenshot(path=shots / f"map-{width}.png")
        fits(flow_map.root)
    set_width(flow_map.root, 0)


def test_chapter_0_runs_whole_and_its_map_moves(lab_server, open_notebook, shots: Path) -> None:
    notebook = json.loads(CHAPTER.read_text(encoding="utf-8"))
    end = {"cell_type": "code", "id": "the-end", "execution_count": None, "metadata": {}, "outputs": []}
    notebook["cells"].append(end | {"source": "open('chapter-done', 'w').close()"})
    (lab_server.folder / "chapter.ipynb").write_text(json.dumps(notebook))
    opened = open_notebook("chapter.ipynb", viewport={"width": 1400, "height": 1400})
    opened.run_all("chapter-done")
    opened.page.locator(".jp-MarkdownCell h2", has_text="Watch").first.scroll_into_view_if_needed()
    root = opened.page.locator(".mw", has=opened.page.locator(".mw-hops")).first
    root.wait_for()
    root.scroll_into_view_if_needed()
    root.get_by_role("button", name="Play").click()
    opened.page.wait_for_selector(".mw[data-position='0']")
    opened.page.wait_for_selector(".mw[data-position='3']")
    opened.page.screenshot(path=shots / "chapter-0.png")
    assert opened.asked_hosts() == {"127.0.0.1"}
    assert opened.complaints == []
