"""`import mailkit.widgets` costs nothing, and each of its names is what it says."""

import subprocess
import sys
from pathlib import Path

import pytest

import mailkit.widgets

HEAVY = "{'anywidget', 'ipywidgets', 'traitlets', 'aiosmtpd', 'asyncio', 'IPython'} & set(sys.modules)"


def test_a_widget_is_loaded_when_it_is_named():
    code = f"import sys, mailkit.widgets; print({HEAVY}, dir(mailkit.widgets) == sorted(mailkit.widgets.__all__))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "set() True\n"


@pytest.mark.parametrize("name", mailkit.widgets.__all__)
def test_each_name_is_there(name):
    assert getattr(mailkit.widgets, name).__name__ == name


def test_no_module_stands_where_a_name_should():
    modules = {file.stem for file in Path(mailkit.widgets.__file__).parent.glob("*.py")}
    assert not modules & set(mailkit.widgets.__all__)


def test_a_name_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(AttributeError, match="no 'Lader'; it has: Console, "):
        mailkit.widgets.Lader  # noqa: B018
