"""The firewall designer in a real JupyterLab: by mouse and by keyboard, what is tried follows each change of a rule."""

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

CELLS = [
    """
from pathlib import Path
from mailkit import Lab, Rule, dmz
from mailkit.widgets import FirewallDesigner

world = dmz()
designer = FirewallDesigner(world)
designer
""",
    "Path('rules').write_text(' '.join(f'{r.source}>{r.destination}:{r.port}' for r in designer.rules))",
    "designer.change(3, Rule('relay', 'internal', None, 'accept'))",
    "other = FirewallDesigner(world); other",
    "Path('done').write_text('')",
]


def write_notebook(file: Path) -> None:
    code = [
        {
            "cell_type": "code",
            "id": f"c{n}",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": cell.strip(),
        }
        for n, cell in enumerate(CELLS)
        if n != 2
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "language_info": {"name": "python"}}
    file.write_text(json.dumps({"cells": code, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))


class Page:
    """The designer on the page."""

    def __init__(self, notebook) -> None:
        self.notebook, self.page = notebook, notebook.page
        self.root = notebook.page.locator(".mw").first
        self.root.wait_for()
        self.root.scroll_into_view_if_needed()
        self.settled()

    def settled(self) -> None:
        self.page.wait_for_selector(".mw[data-pending='0']")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_widths_and_themes(lab_server, open_notebook, shots: Path, theme: str) -> None:
    write_notebook(lab_server.folder / f"firewall-{theme}.ipynb")
    lab_server.choose_theme(f"JupyterLab {theme}")
    opened = open_notebook(f"firewall-{theme}.ipynb", viewport={"width": 1800, "height": 2400})
    opened.run_all("done")
    shown = Page(opened)
    shown.root.locator("[data-cell='attacker relay 25']").click()
    shown.page.wait_for_selector(".mw-fw-shown")
    for width, layout in ((420, "narrow"), (1000, "wide")):
        opened.page.add_style_tag(content=f".mw {{ width: {width}px !important }}")
        opened.page.wait_for_selector(f".mw[data-width='{layout}'][data-mail-theme='{theme.lower()}']")
        shown.root.screenshot(path=shots / f"firewall-{width}-{theme.lower()}.png")
        assert shown.root.evaluate("root => root.scrollWidth - root.clientWidth") <= 0
        sizes = shown.root.evaluate(
            "root => [...root.querySelectorAll('*')].filter(e => [...e.childNodes]"
            ".some(n => n.nodeType === 3 && n.data.trim())).map(e => parseFloat(getComputedStyle(e).fontSize))"
        )
        assert min(sizes) >= 12
    lab_server.choose_theme("JupyterLab Light")
