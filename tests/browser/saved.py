"""What a saved notebook shows when its kernel is gone: the widget's last state, a static picture, the same in words.

Must not know: any widget.
"""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

WIDGET_VIEW, PICTURE, WORDS = "application/vnd.jupyter.widget-view+json", "image/svg+xml", "text/plain"
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


def reopened(notebook: Any, open_notebook: Any) -> Any:
    """As somebody finds it the next day: saved, its kernel gone, opened with a kernel that has run nothing."""
    notebook.save()
    notebook.page.close()
    notebook.server.end_kernel(notebook.name)
    return open_notebook(notebook.name, viewport={"width": 1500, "height": 1400})
