"""The part of every widget that talks to the notebook: styles and script, labels, and its words as its repr.

Must not know: what a widget shows. Only what ipywidgets 7.7 and 8 and anywidget 0.9 share is used.

The scripts of a widget are joined to one module here: some front ends load a module from a blob, where an
import of a neighbouring file finds nothing. Only the last file exports; the others are plain declarations.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

_STATIC = Path(__file__).parent / "static"
_PLAIN, _SVG, _HTML = "text/plain", "image/svg+xml", "text/html"


def static(*names: str) -> str:
    """Files of the static folder, one after the other."""
    return "\n".join((_STATIC / name).read_text(encoding="utf-8") for name in names)


class TextFirstWidget(anywidget.AnyWidget):
    """A widget whose repr is its state in words: what a terminal, a saved notebook and nbval see."""

    _words = traitlets.Dict().tag(sync=True)
    # ipywidgets 7 shows itself through this method and cuts the words off at 110 characters.
    _ipython_display_ = None

    def text(self) -> str:
        """The state in words."""
        raise NotImplementedError

    def svg(self) -> str:
        """The state as a static picture, which a saved notebook shows where no kernel is; "" when there is none."""
        return ""

    def html(self) -> str:
        """The state as a page without a script, where text says more than a picture; "" when there is none."""
        return ""

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The front end's own data with the words whole, as some versions shorten them, and the static picture."""
        bundle: Any = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        if data is not None:
            data[_PLAIN] = repr(self)
            if picture := self.svg():
                data[_SVG] = picture
            if page := self.html():
                data[_HTML] = page
        return bundle
