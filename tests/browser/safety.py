"""What a widget must never do: run what a letter says, ask another computer.

Must not know: any widget. Each function fails with a sentence.
"""

import unicodedata
from typing import Any

from ..hostile import FLAG, acting

_FOREIGN = (
    "img, script, iframe, object, embed, a[href], form, style, foreignObject, animate, set,"
    " [onload], [onerror], [onclick], [onfocus], [onmouseover]"
)


def nothing_ran(page: Any, root: Any, *shown: str) -> None:
    """No payload of the corpus ran or became an element or acts on its neighbours; each of `shown` is there as text."""
    assert page.evaluate(f"window.{FLAG}") is None, "a payload ran"
    foreign = root.locator(_FOREIGN).evaluate_all("all => all.map(one => one.outerHTML.slice(0, 80))")
    assert not foreign, f"text became elements: {foreign}"
    text = root.evaluate("root => root.textContent")
    assert not acting(text), f"characters that act: {acting(text)[:5]}"
    missing = [words for words in shown if _plain(words) not in _plain(text)]
    assert not missing, f"not shown as text: {missing}"


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", "".join(text.split()))


def nobody_was_asked(notebook: Any) -> None:
    """The page tried to reach nobody but the own server, and no script of it failed."""
    assert notebook.asked_hosts() == {"127.0.0.1"}, notebook.refused
    assert not notebook.refused
    assert not notebook.complaints
