"""Check the types of every widget's scripts, widget by widget, as `shell.py` joins them; run by `make lint`.

Widgets never share a page's names, so two of them may use one name for two things.
"""

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
WIDGETS = HERE.parent.parent / "mailkit" / "widgets"
OPTIONS = "--allowJs --checkJs --strict --noEmit --target es2022 --lib es2022,dom,dom.iterable --module es2022"


def joined() -> list[list[str]]:
    """The names of the scripts of each widget."""
    code = "".join(path.read_text(encoding="utf-8") for path in sorted(WIDGETS.glob("*.py")))
    lists = re.findall(r"(?:_esm = static|^SCRIPTS = )\((.*?)\)", code, re.DOTALL | re.MULTILINE)
    return [names for text in lists if (names := re.findall(r'"([^"]+)"', text))]


def main() -> int:
    found = joined()
    forgotten = {path.name for path in WIDGETS.glob("static/*.js")} - {name for names in found for name in names}
    if forgotten:
        print(f"no widget loads {sorted(forgotten)}", file=sys.stderr)
    command, folder = [HERE / "node_modules" / ".bin" / "tsc", *OPTIONS.split()], WIDGETS / "static"
    ends = [subprocess.run([*command, *names], cwd=folder, check=False).returncode for names in found]
    return int(any(ends) or bool(forgotten))


if __name__ == "__main__":
    sys.exit(main())
