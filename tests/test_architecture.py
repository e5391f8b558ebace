"""Imports in mailkit run one way, and each heavy dependency enters on its own floor.

The table below is the rule. `docs/architecture.md` gives the reasons; a new floor is a new line here.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ROOT / "mailkit"


class Floor(NamedTuple):
    """What the modules of one folder may import besides the standard library, their own folder and locale."""

    below: frozenset[str]
    packages: frozenset[str]
    rule: str


def floor(rule: str, below: str = "", packages: str = "") -> Floor:
    return Floor(frozenset(below.split()), frozenset(packages.split()), rule)


FLOORS = {
    "locale": floor("locale is a leaf: the standard library only"),
    "mail": floor("mail is a leaf: the standard library only"),
    "trace": floor("trace is a leaf: the standard library only"),
    "wire": floor("wire imports mail only", "mail"),
    "net": floor("net imports trace, and dnspython enters here", "trace", "dns"),
    "server": floor(
        "server imports mail, wire, trace and net, and aiosmtpd enters here",
        "mail wire trace net",
        "aiosmtpd",
    ),
    "lab": floor(
        "lab imports what lies below it, trustme enters here, and tomli_w too",
        "mail wire trace net server",
        "trustme tomli_w",
    ),
    "study": floor("study is a leaf: the standard library only"),
    "grading": floor("grading imports mail, trace, net, lab and study", "mail trace net lab study"),
    "widgets": floor(
        "widgets import what lies below them but never grading, and anywidget enters here",
        "mail wire trace net server lab study",
        "anywidget ipywidgets traitlets",
    ),
    "course": floor("course stands alone, and nbgrader enters here", "", "babel nbclient nbformat nbgrader traitlets"),
    # The front door: mailkit/__init__.py.
    "": floor("the front door names the floors' public words", "mail wire trace net server lab study grading widgets"),
}

WORDS_ONLY = {"mail", "wire"}
DOORS_OUT = {"asyncio", "select", "selectors", "socket", "socketserver", "ssl"}

# The standard library's types, which only a type checker ever sees.
STANDARD = sys.stdlib_module_names | {"_typeshed"}
HEAVY = {"aiosmtpd", "anywidget", "dns", "ipywidgets", "nbgrader", "trustme"}


def violations(module: str, source: str) -> list[str]:
    """One sentence for each import in `source` that the module's floor forbids.

    `module` is a dotted name below mailkit; a package is named with its `__init__`, as in `mail.__init__`.
    """
    name, _, rest = module.partition(".")
    name = name if rest else ""
    if name not in FLOORS:
        return [f"mailkit.{module}: no floor is called '{name}'; give it a line in FLOORS, or a home on one"]
    return [
        f"mailkit.{module}, line {line}: imports {target}, but {reason}"
        for line, target in imports(module, ast.parse(source))
        if (reason := forbidden(name, target))
    ]


def imports(module: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and absolute dotted name of everything imported, inside functions and type-checking blocks too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = absolute(module, node)
            for alias in node.names:
                yield node.lineno, f"{source}.{alias.name}" if source == "mailkit" else source


def absolute(module: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = ["mailkit", *module.split(".")][: -node.level]
    return ".".join([*package, *([node.module] if node.module else [])])


def forbidden(name: str, target: str) -> str:
    """The rule that `target` breaks on the floor `name`; empty when it breaks none."""
    rule = FLOORS[name]
    top, *rest = target.split(".")
    if top == "mailkit":
        asked = rest[0] if rest else ""
        if asked in {name, "locale"} - {""} or asked in rule.below:
            return ""
        known = asked in FLOORS and asked != ""
        return rule.rule if known else "inside the house a module asks the floor itself, not the front door"
    if top in DOORS_OUT and name in WORDS_ONLY:
        return f"{name} does no I/O: bytes in, bytes out"
    return "" if top in STANDARD or top in rule.packages else rule.rule


def modules() -> list[Path]:
    return sorted(HOUSE.rglob("*.py"))


def test_every_import_follows_the_floors() -> None:
    assert modules(), f"no Python file below {HOUSE}: nothing was checked"
    found = [
        sentence
        for file in modules()
        for sentence in violations(
            ".".join(file.relative_to(HOUSE).with_suffix("").parts), file.read_text(encoding="utf-8")
        )
    ]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("module", "source", "sentence"),
    [
        ("mail.reply", "import mailkit.server.mta", "mail is a leaf"),
        ("mail.reply", "from mailkit.lab import Lab", "mail is a leaf"),
        ("mail.reply", "from ..net import zones", "mail is a leaf"),
        ("mail.__init__", "from ..net import zones", "mail is a leaf"),
        ("mail.reply", "from mailkit import net", "mail is a leaf"),
        ("mail.reply", "from .. import net", "mail is a leaf"),
        ("mail.reply", "import socket", "mail does no I/O"),
        ("wire.engine", "def run():\n    import asyncio", "wire does no I/O"),
        ("net.dns", "from mailkit.mail import reply", "net imports trace"),
        ("lab.lab", "from aiosmtpd.smtp import SMTP", "trustme enters here"),
        ("server.mta", "if TYPE_CHECKING:\n    from mailkit.lab import Lab", "server imports mail"),
        ("widgets.map", "from mailkit.grading.check import Check", "never grading"),
        ("course.release", "from mailkit.lab import Lab", "course stands alone"),
        ("lab.lab", "from mailkit import Lab", "not the front door"),
        ("lab.lab", "import mailkit", "not the front door"),
        ("cellar.wine", "import sys", "no floor is called 'cellar'"),
    ],
)
def test_a_planted_violation_is_caught(module: str, source: str, sentence: str) -> None:
    (found,) = violations(module, source)
    assert sentence in found


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("mail.reply", "import enum\nfrom mailkit.locale import gettext\nfrom .envelope import Envelope"),
        ("net.dns", "import dns.zone\nfrom mailkit.trace.transcript import Transcript"),
        ("server.mta", "from aiosmtpd.smtp import SMTP\nfrom ..wire import engine"),
        ("__init__", "from mailkit.lab import Lab\nfrom .mail import Envelope"),
    ],
)
def test_what_the_floors_allow_passes(module: str, source: str) -> None:
    assert violations(module, source) == []


def test_importing_mailkit_loads_nothing_heavy() -> None:
    code = "import mailkit, sys; print(mailkit.__file__, *{name.partition('.')[0] for name in sys.modules})"
    output = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    origin, *loaded = output.split()
    assert origin.endswith("__init__.py"), f"mailkit has no __init__.py: {origin}"
    assert HEAVY.isdisjoint(loaded), f"`import mailkit` loads {sorted(HEAVY.intersection(loaded))}"
