"""The repository's own files agree with each other and name no machine."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PIN = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[^ ;]+)(?: ; .+)?")
MACHINE = re.compile(r"(?<![\w.])/(?:home|Users|root|tmp|work|farm)/\w|[A-Za-z]:\\Users\\\w")
REGISTRY = re.compile(r"\b(?:pypi|pythonhosted|registry\.npmjs|deb\.debian)\.org\b")


def texts() -> list[tuple[Path, str]]:
    """Every file that is in git, or would be after `git add`, as text; binary files left out."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    files = [(Path(name), (ROOT / name).read_bytes()) for name in names if (ROOT / name).is_file()]
    return [(path, data.decode("utf-8", "replace")) for path, data in files if b"\0" not in data]


def pins() -> list[re.Match[str]]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    found = [(line, PIN.fullmatch(line)) for line in lines if not line.startswith("#")]
    assert all(match for _, match in found), [line for line, match in found if not match]
    return [match for _, match in found if match]


def dependencies() -> list[Requirement]:
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    found = [Requirement(text) for group in groups for text in group]
    return [requirement for requirement in found if requirement.name != PROJECT["name"]]


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def make_commands(document: str) -> set[str]:
    """The targets of the `make` commands in a document's code, fenced or inline."""
    text = (ROOT / document).read_text(encoding="utf-8")
    fenced = "\n".join(re.findall(r"^```.*?\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    commands = [*fenced.splitlines(), *re.findall(r"`([^`\n]+)`", text)]
    return {match.group(1) for line in commands if (match := re.match(r"\$?\s*make ([a-z-]+)", line.strip()))}


@pytest.mark.parametrize("pattern", [MACHINE, REGISTRY], ids=["machine", "registry"])
def test_no_file_names_a_machine_or_a_registry(pattern: re.Pattern[str]) -> None:
    files = texts()
    assert files, "git lists no file: nothing was checked"
    found = [f"{path}: {hit.group()}" for path, text in files for hit in pattern.finditer(text)]
    assert not found, "\n" + "\n".join(found)


def test_the_patterns_find_what_they_are_for() -> None:
    assert MACHINE.search("File '" + "/".join(["", "home", "yamada", "x.py"]))
    assert REGISTRY.search("https://" + ".".join(["pypi", "org"]) + "/simple")


def test_the_lock_names_versions_and_no_host() -> None:
    assert len(pins()) > 50
    assert "://" not in (ROOT / "requirements.lock").read_text(encoding="utf-8")


@pytest.mark.parametrize("requirement", dependencies(), ids=str)
def test_a_dependency_is_locked_at_a_version_that_it_accepts(requirement: Requirement) -> None:
    locked = [pin["version"] for pin in pins() if pin["name"] == canonicalize_name(requirement.name)]
    assert locked, f"requirements.lock has no {requirement.name}; run `make lock`"
    assert all(version in requirement.specifier for version in locked), locked


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_a_documented_make_command_exists(document: str) -> None:
    commands = make_commands(document)
    assert {"lab", "test"} <= commands, f"{document} shows {sorted(commands)}, not `make lab` and `make test`"
    assert commands <= make_targets(), sorted(commands - make_targets())


def test_the_gate_runs_the_documented_test_command() -> None:
    assert "\nrun make test\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "run: .ci/run" in (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")


def test_the_changelog_knows_the_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version = re.escape(PROJECT["version"])
    assert re.search(rf"^## \[{version}\]|^Becomes {version}\.$", text, re.MULTILINE)


def test_the_architecture_document_names_what_is_there() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]+\.py)(?::\s(\w+)(?:\.(\w+))?)?", text)
    assert len(named) > 50
    for path, *names in named:
        files = [*ROOT.glob(f"mailkit/**/{path}"), *ROOT.glob(path)]
        assert files, f"{path} is gone"
        code = "".join(file.read_text(encoding="utf-8") for file in files)
        lost = [name for name in names if not re.search(rf"\b{name}\b", code)]
        assert not lost, f"{path} has no {lost}"
