"""The availability timeline in a real JupyterLab, by mouse and by keyboard: the lab does it, the picture shows it."""

from pathlib import Path

import pytest

from .sight import fits, no_small_text, set_width

pytestmark = pytest.mark.browser

CELLS = [
    """
from pathlib import Path
from mailkit import Lab
from mailkit.lab.story import direct_to_pc
from mailkit.widgets import Timeline

lab = Lab(direct_to_pc()).start()
""",
    """
shown = Timeline(lab)
def tell(_):
    names = [host.name for host in lab.topology.hosts if shown.model.is_off(host.name)]
    boxes = [len(lab.mailbox(a)) for a in ("goto@goto-pc.example.co.jp", "goto@example.co.jp")]
    Path("lab").write_text(f"{names} {boxes} {lab.clock.now():%H:%M}")
shown.observe(tell, "_picture")
shown
""",
]


class Board:
    """The timeline on the page, and what Python says of the lab."""

    def __init__(self, notebook) -> None:
        self.notebook, self.page = notebook, notebook.page
        self.root = self.page.locator(".mw-tl").first
        self.root.wait_for()

    def button(self, name: str):
        return self.root.get_by_role("button", name=name, exact=True)

    def lab_is(self, text: str) -> None:
        self.notebook.wait_for_file("lab", text)
        self.page.wait_for_selector(".mw-tl:not([aria-busy])")

    def sentence(self) -> str:
        return self.root.locator("[role='status']").inner_text()

    def tall_names(self) -> list[str]:
        """Names that are broken into more lines than their lane has room for."""
        heads = self.root.locator(".mw-tl-lane").all()
        return [head.inner_text() for head in heads if head.evaluate("e => e.scrollHeight > e.clientHeight + 2")]

    def marks(self) -> int:
        return self.root.locator("svg .mw-tl-mark").count()


@pytest.fixture(scope="module")
def board(run_notebook) -> Board:
    return Board(run_notebook("timeline", [*CELLS, "# from code"], viewport={"width": 1300, "height": 1900}))


def run_code(board: Board, code: str) -> None:
    """Write that into the last cell, and run it."""
    board.page.locator(".jp-CodeCell", has_text="# from code").last.locator(".cm-content").click()
    board.page.keyboard.press("Control+A")
    board.page.keyboard.insert_text(f"{code}  # from code")
    board.page.keyboard.press("Control+Enter")


def test_before_anything_happened_it_says_what_to_do(board: Board) -> None:
    assert board.sentence() == "Nobody has called anybody yet. Send a letter, and let time pass."
    assert board.marks() == 0


def test_a_letter_straight_to_the_pc_is_dropped_at_the_firewall(board: Board) -> None:
    board.root.locator("select[data-act='to']").select_option("goto@goto-pc.example.co.jp")
    board.button("Send a letter").click()
    board.page.wait_for_selector(".mw-tl[data-position='2']")
    assert "no answer. The firewall dropped the call" in board.sentence()
    board.button("1 hour").click()
    board.lab_is("[] [0, 0] 10:00")
    assert board.root.locator("td .mw-chip").first.inner_text().startswith("waits; tried again at ")


def test_with_the_firewall_off_it_arrives(board: Board) -> None:
    board.root.get_by_role("button", name="Firewall: on. Switch off").click()
    board.root.get_by_role("button", name="Firewall: off. Switch on").wait_for()
    board.button("1 hour").click()
    board.lab_is("[] [1, 0] 11:00")
    assert board.root.locator("td .mw-chip").first.inner_text() == "in the mailbox"


def test_by_keyboard_a_pc_is_switched_and_the_focus_stays(board: Board) -> None:
    page = board.page
    cells = page.locator(".jp-Cell").count()
    board.root.get_by_role("button", name="Yamada's PC: on. Switch off").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowUp")
    focused = "[document.activeElement.dataset.do, document.activeElement.dataset.host]"
    assert page.evaluate(focused) == ["switch", "goto-pc"]
    page.keyboard.press("Enter")
    board.lab_is("['goto-pc'] [1, 0] 11:00")
    board.root.get_by_role("button", name="Goto's office PC: off. Switch on").wait_for()
    assert page.evaluate(focused) == ["switch", "goto-pc"]
    assert page.locator(".jp-Cell").count() == cells
    assert board.root.locator("[data-do][tabindex='0']").count() == 1


def test_through_the_server_it_arrives_although_the_pc_is_off(board: Board) -> None:
    board.root.locator("select[data-act='to']").select_option("goto@example.co.jp")
    board.button("Send a letter").click()
    board.lab_is("['goto-pc'] [1, 1] 11:00")
    assert board.root.locator("tbody tr").count() == 2


def test_a_switching_is_planned_and_happens_on_the_way(board: Board) -> None:
    board.root.get_by_text("Plan a switching").click()
    board.root.locator("select[data-act='machine']").select_option("goto-pc")
    board.root.locator("select[data-act='act']").select_option("on")
    board.root.locator("select[data-act='later']").select_option("3600")
    board.button("Plan it").click()
    board.root.get_by_text("12:00:00 Goto's office PC: switch on").wait_for()
    board.button("6 hours").click()
    board.lab_is("[] [1, 1] 17:00")
    board.button("Goto's office PC: Fetch mail").click()
    board.root.locator("tbody .mw-chip", has_text="read on a PC").wait_for()


def test_scrubbing_by_keyboard_shows_what_had_happened_by_then(board: Board) -> None:
    slider = board.root.get_by_role("slider")
    last, marks = int(slider.get_attribute("max")), board.marks()
    slider.focus()
    board.page.keyboard.press("Home")
    board.page.wait_for_selector(".mw-tl[data-position='0']")
    assert board.marks() == 0
    board.page.keyboard.press("ArrowRight")
    board.page.keyboard.press("ArrowRight")
    board.page.wait_for_selector(".mw-tl[data-position='2']")
    assert slider.get_attribute("aria-valuetext") == board.sentence()
    assert board.sentence().endswith("no answer. The firewall dropped the call (no rule allows it).")
    board.page.keyboard.press("End")
    board.page.wait_for_selector(f".mw-tl[data-position='{last}']")
    assert board.marks() == marks


def test_play_begins_at_the_beginning_next_ends_it_and_a_click_on_a_mark_goes_there(board: Board) -> None:
    board.button("Play").click()
    board.page.wait_for_selector(".mw-tl[data-position='0']")
    board.page.wait_for_selector(".mw-tl[data-position='2']")
    board.button("Next").click()
    board.page.wait_for_selector(".mw-tl[data-position='3']")
    board.page.wait_for_timeout(900)  # longer than a step: playing has ended
    board.root.locator(".mw-tl-figure").scroll_into_view_if_needed()
    sign = board.root.locator("svg .mw-tl-mark").first.locator("circle").last
    sign.click(force=True)  # its own icon lies over it
    board.page.wait_for_selector(".mw-tl[data-position='1']")
    board.button("Latest").click()


def test_what_code_does_appears_by_itself(board: Board) -> None:
    run_code(board, "lab.switch_off('goto-mobile')")
    board.root.get_by_role("button", name="Goto's mobile PC: off. Switch on").wait_for()


@pytest.mark.parametrize("width", [420, 700, 1100])
def test_widths(board: Board, shots: Path, width: int) -> None:
    set_width(board.root, width)
    fits(board.root)
    no_small_text(board.root)
    board.root.screenshot(path=shots / f"timeline-{width}.png")
    assert board.tall_names() == []
    set_width(board.root, 0)


def test_a_lab_that_is_over_is_a_recorded_run_without_buttons_that_act(board: Board) -> None:
    run_code(board, "lab.stop(); shown.refresh()")
    board.root.get_by_text("Recorded run").wait_for()
    assert not board.button("Send a letter").is_visible()
    assert board.root.locator("[data-do]").count() == 0
    assert board.button("Play").is_visible()
    assert board.notebook.asked_hosts() == {"127.0.0.1"}
    assert board.notebook.complaints == []
