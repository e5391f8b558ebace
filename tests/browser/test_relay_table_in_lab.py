"""The relay table in a real JupyterLab: rows edited, moved and dragged; the servers answer otherwise each time."""

import pytest

pytestmark = pytest.mark.browser

CELLS = [
    """
from pathlib import Path
from mailkit import RelayRule, two_domains
from mailkit.widgets import RelayTable

OPEN = RelayRule("any", None, "any", "relay")
shown = RelayTable(two_domains(), "mail.example.com")

def told():
    strangers = [a.taken_for for a in shown.run.attempts if a.probe.wanted == "stop"]
    return f"{len(shown.rules)} rows, relayed {strangers.count('example.co.jp')}, first {shown.rules[0].decision}"

shown.observe(lambda change: Path("told").write_text(told()), "_picture")
shown
""",
    "shown.rules = [OPEN, *shown.model.original]",
    "shown.reset()",
]


class OnPage:
    """The table on the page, and what Python last heard of it."""

    def __init__(self, notebook) -> None:
        self.notebook, self.page = notebook, notebook.page
        self.root = notebook.page.locator(".mw-rel").first
        self.root.wait_for()

    def row(self, number: int):
        return self.root.locator(f"[data-at='{number}'] .mw-rel-rule")

    def told(self, text: str) -> None:
        self.notebook.wait_for_file("told", text)

    def status(self, text: str) -> None:
        self.root.get_by_role("status").get_by_text(text).wait_for()

    def focused(self) -> tuple[str, str]:
        at = self.page.evaluate("document.activeElement.closest('[data-at]')?.dataset.at ?? ''")
        return at, self.page.evaluate("document.activeElement.dataset.part ?? ''")


@pytest.fixture(scope="module")
def notebook(run_notebook):
    return run_notebook("relay", CELLS)


@pytest.fixture
def table(notebook) -> OnPage:
    found = OnPage(notebook)
    found.root.scroll_into_view_if_needed()
    found.root.get_by_role("button", name="Start again").click()
    found.status("All 8 attempts ended as they should.")
    found.told("3 rows, relayed 0, first accept")
    return found


def test_an_added_row_does_nothing_before_it_is_edited_and_moved_up(table: OnPage) -> None:
    table.root.get_by_role("button", name="Add row").click()
    table.told("4 rows, relayed 0, first accept")
    table.root.get_by_label("Decision").select_option("relay")
    table.status("All 8 attempts ended as they should.")
    table.row(4).focus()
    for at in ("3", "2", "1"):
        table.page.keyboard.press("Alt+ArrowUp")
        table.page.wait_for_function("at => document.activeElement.closest('[data-at]')?.dataset.at === at", arg=at)
    table.told("4 rows, relayed 3, first relay")
    table.status("This is an open relay.")
    table.root.locator(".mw-rel-try", has_text="A stranger writes to a stranger").click()
    table.root.locator(".mw-rel-talk", has_text="queued as").wait_for()
    assert "decided this" in table.row(1).inner_text()


def test_dragging_the_refusal_to_the_top_stops_all_mail(table: OnPage) -> None:
    grip, first = table.root.locator("[data-at='3'] [data-grip]"), table.root.locator("[data-at='1']").bounding_box()
    grip.hover()
    table.page.mouse.down()
    table.page.mouse.move(first["x"] + 20, first["y"] + 40, steps=4)
    table.page.mouse.move(first["x"] + 20, first["y"] + 2, steps=4)
    table.page.mouse.up()
    table.told("3 rows, relayed 0, first refuse")
    table.status("Letters missing that have to arrive: 2.")


def test_a_row_is_walked_to_opened_closed_and_removed_by_keyboard(table: OnPage) -> None:
    cells = table.page.locator(".jp-Cell").count()
    table.row(1).focus()
    for key, expected in (("ArrowDown", "2"), ("End", "3"), ("Home", "1"), ("ArrowUp", "1")):
        table.page.keyboard.press(key)
        assert table.focused() == (expected, "row")
    table.page.keyboard.press("Enter")
    table.root.get_by_label("Login").wait_for()
    table.page.keyboard.press("Escape")
    table.root.get_by_label("Login").wait_for(state="detached")
    assert table.focused() == ("1", "row")
    table.page.keyboard.press("Delete")
    table.told("2 rows, relayed 0, first relay")
    table.status("Letters missing that have to arrive: 1.")
    assert table.focused() == ("1", "row")
    assert table.page.locator(".jp-Cell").count() == cells


def test_python_changes_the_page_too_and_the_texts_to_take_away(table: OnPage) -> None:
    table.notebook.run_cell("shown.rules = [OPEN")
    table.status("This is an open relay.")
    table.root.get_by_text("As Python").click()
    table.root.locator("pre", has_text='RelayRule("any", None, "any", "relay")').first.wait_for()
    assert table.notebook.complaints == []
    assert table.notebook.asked_hosts() <= {"127.0.0.1"}
