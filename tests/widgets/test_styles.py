"""A page has the styles of all its widgets on it: none of them reaches into another widget, or out of all."""

import re
from pathlib import Path

import pytest

import mailkit.widgets
from mailkit.widgets.shell import static

FOLDER = Path(mailkit.widgets.__file__).parent
OWN = {
    "bench": "pcs", "console": "con", "eavesdropper": "eav", "firewall": "fw", "flow_map": "flow", "hop_map": "hopmap",
    "ladder": "lad", "letter": "letters", "relay_table": "rel", "study": "study", "timeline": "tl",
}  # fmt: skip
"""The class of the root of each widget with a sheet of its own; the four study cards share one."""
SHARED = ("tokens", "base", "envelope", "opened_line")
"""Each of these looks the same wherever it is on the page."""


def selectors(sheet):
    """Each selector of a sheet."""
    text = re.sub(r"/\*.*?\*/", "", static(f"{sheet}.css"), flags=re.DOTALL)
    heads = re.findall(r"([^{};]+)\{", text)
    return [
        one.strip() for head in heads if not head.strip().startswith("@") for one in re.split(r",(?![^(]*\))", head)
    ]


def reaches_out(selector, root):
    return not re.match(rf"\.mw{root}(?![\w-])", selector)


def test_every_sheet_is_known_here():
    assert {file.stem for file in FOLDER.glob("static/*.css")} == {*OWN, *SHARED}


@pytest.mark.parametrize("sheet", OWN)
def test_a_widgets_own_sheet_is_for_its_root_alone(sheet):
    found = selectors(sheet)
    assert found
    assert [one for one in found if reaches_out(one, rf"\.mw-{OWN[sheet]}")] == []


@pytest.mark.parametrize("sheet", SHARED)
def test_what_is_shared_stays_within_widgets(sheet):
    assert [one for one in selectors(sheet) if reaches_out(one, "")] == []


@pytest.mark.parametrize("sheet", OWN)
def test_the_root_has_that_class(sheet):
    code = "".join(file.read_text(encoding="utf-8") for file in FOLDER.glob("static/*.js"))
    assert len(re.findall(rf'class: "mw {OWN[sheet]}"', code)) == 1


@pytest.mark.parametrize("sheet", [*OWN, *SHARED])
def test_a_sheet_loads_nothing_and_has_no_small_text(sheet):
    text = static(f"{sheet}.css")
    assert not re.search(r"url\(|@import", text)
    sizes = re.findall(r"font(?:-size)?:[^;]*?([\d.]+)px", text)
    assert all(float(size) >= 12 for size in sizes)
