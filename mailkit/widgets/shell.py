"""The part of every widget that talks to the notebook: styles and script, labels, and its words as its repr.

Must not know: what a widget shows. Only what ipywidgets 7.7 and 8 and anywidget 0.9 share is used.

Whoever works on a widget has its turn: a page's message, a cell's call, a follower's look. JupyterLab 4.4 and newer
hands a page's messages to a subshell, a thread beside the one that runs cells; one at a time, they need not know it.
The lab's own thread never takes a turn, since whoever has one may wait for the lab.

The scripts of a widget are joined to one module here: some front ends load a module from a blob, where an
import of a neighbouring file finds nothing. Only the last file exports; the others are plain declarations.
"""

from __future__ import annotations

import functools
import inspect
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import anywidget
import traitlets

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

F = TypeVar("F", bound="Callable[..., Any]")

_STATIC = Path(__file__).parent / "static"
_PLAIN, _SVG, _HTML = "text/plain", "image/svg+xml", "text/html"


def static(*names: str) -> str:
    """Files of the static folder, one after the other."""
    return "\n".join((_STATIC / name).read_text(encoding="utf-8") for name in names)


def takes_turn(method: F) -> F:
    """A method of a widget that waits until nobody else works on the widget."""

    @functools.wraps(method)
    def in_turn(self: TextFirstWidget, *args: Any, **options: Any) -> Any:
        with self._turn:
            return method(self, *args, **options)

    return in_turn  # type: ignore[return-value]


class TextFirstWidget(anywidget.AnyWidget):
    """A widget whose repr is its state in words: what a terminal, a saved notebook and nbval see.

    Its public methods, the setting of its attributes and a page's messages each take its turn; so does `takes_turn`.
    """

    _turn: AbstractContextManager[Any]
    _words = traitlets.Dict().tag(sync=True)
    # ipywidgets 7 shows itself through this method and cuts the words off at 110 characters.
    _ipython_display_ = None

    def __init_subclass__(cls, **options: Any) -> None:
        """A new widget cannot forget it."""
        super().__init_subclass__(**options)
        for name, method in list(vars(cls).items()):
            if inspect.isfunction(method) and not name.startswith("_"):
                setattr(cls, name, takes_turn(method))

    def setup_instance(self, *args: Any, **options: Any) -> None:
        """Before `__init__`, as traitlets does it: the first attribute is set in here."""
        self.__dict__["_turn"] = self._make_turn()
        super().setup_instance(*args, **options)

    def _make_turn(self) -> AbstractContextManager[Any]:
        return threading.RLock()

    if not TYPE_CHECKING:  # else mypy would believe that a widget has every attribute

        def __setattr__(self, name: str, value: Any) -> None:
            with self._turn:
                super().__setattr__(name, value)

    @takes_turn
    def _handle_msg(self, msg: Any) -> None:
        """What ipywidgets calls with whatever a page says. It shows a handler's exception itself."""
        super()._handle_msg(msg)

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

    @takes_turn
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
