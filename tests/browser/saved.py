"""What a saved notebook shows when its kernel is gone: the widget's last state, a static picture, the same in words.

Must not know: any widget.
"""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import nbformat

from mailkit.course.execute import clean

WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
WIDGET_VIEW, PICTURE, WORDS = "application/vnd.jupyter.widget-view+json", "image/svg+xml", "text/plain"
PAGE = "text/html"
_DRAW = """svg => new Promise(done => {
    const image = new Image();
    image.onload = () => done(image.naturalWidth);
    image.onerror = () => done(0);
    image.src = URL.createObjectURL(new Blob([svg], {type: "image/svg+xml"}));
})"""


def widgets_in(file: Path) -> list[dict[str, str]]:
    """What is stored of each widget in a notebook file, by MIME type."""
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    stored = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    return [
        {kind: "".join(text) for kind, text in data.items() if kind != WIDGET_VIEW}
        for data in stored
        if WIDGET_VIEW in data
    ]


def has_words(stored: dict[str, str], *words: str) -> None:
    """The words of a widget say what it shows, and no place in memory."""
    text = stored.get(WORDS, "")
    assert text, "no words"
    assert not re.search(r"object at 0x|model_id", text), f"these are no words: {text[:200]!r}"
    missing = [one for one in words if one not in text]
    assert not missing, f"the words lack {missing}"


def has_picture(page: Any, stored: dict[str, str], *words: str) -> None:
    """The static picture is an image by itself, needs nothing from elsewhere, and has these words in it."""
    svg = stored.get(PICTURE, "")
    assert svg, f"no picture; there is {sorted(stored)}"
    acting = [found for element in ET.fromstring(svg).iter() for found in _acting(element)]
    assert not acting, f"the picture acts: {acting}"
    assert page.evaluate(_DRAW, svg) > 100, "the picture cannot be drawn"
    text = " ".join(ET.fromstring(svg).itertext())
    missing = [one for one in words if one not in text]
    assert not missing, f"the picture lacks {missing}"


def _acting(element: ET.Element) -> list[str]:
    name = element.tag.rpartition("}")[2]
    calls = [key for key in element.attrib if key.startswith("on")]
    links = [key for key, value in element.items() if key.endswith("href") and value[:1] != "#"]
    return calls + links + ([name] if name in ("script", "foreignObject", "image", "style", "a") else [])


def has_state(file: Path, *widgets: str) -> None:
    """The last state of each of these classes is in a saved notebook, script and all, for a front end to restore."""
    saved = json.loads(file.read_text(encoding="utf-8"))["metadata"].get("widgets", {}).get(WIDGET_STATE, {})
    states = [model["state"] for model in saved.get("state", {}).values()]
    kept = {str(state.get("_anywidget_id")).rpartition(".")[2] for state in states if state.get("_esm")}
    assert set(widgets) <= kept, f"no state of {set(widgets) - kept}"


def as_published(notebook: Any, open_notebook: Any) -> Any:
    """As a reader finds it who did not make it: stored as the course stores it, opened, nothing run."""
    file = notebook.save()
    published = nbformat.read(file, as_version=4)
    clean(published)
    name = f"published-{file.name}"
    file.with_name(name).write_text(nbformat.writes(published), encoding="utf-8")
    return open_notebook(name, viewport={"width": 1500, "height": 4000})
