"""What every widget's script keeps to: text is never markup, nothing is loaded, one module for each widget."""

import re
from pathlib import Path

import pytest

import mailkit.widgets
from mailkit.widgets.shell import static

SCRIPTS = sorted(file.name for file in Path(mailkit.widgets.__file__).parent.glob("static/*.js"))
WRITES = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "createContextualFragment", "DOMParser")
LOADS = ("fetch(", "XMLHttpRequest", "WebSocket", "EventSource", "sendBeacon", "eval(", "new Function", "import(")
CLASSES = [name for name in mailkit.widgets.__all__ if name[0].isupper()]


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_writes_no_markup_and_loads_nothing(name):
    script = static(name)
    assert [word for word in (*WRITES, *LOADS) if word in script] == []


@pytest.mark.parametrize("name", CLASSES)
def test_a_widgets_module_imports_nothing_and_exports_once(name):
    module = str(getattr(mailkit.widgets, name)._esm)
    assert module.count("export default") == 1
    assert not re.search(r"^\s*import\b", module, re.MULTILINE)
