"""Text that an attacker would write: into a subject, an address, a reply, a host's name, a line that is typed.

Nothing of it may run in a page, act in a terminal, or turn round what stands beside it. Must not know: any widget.
"""

FLAG = "mailkitWasHere"
"""A page's variable that a payload sets when it runs."""
_RUN = f"window.{FLAG}=1"

CORPUS: dict[str, str] = {
    "script": f"<script>{_RUN}</script>",
    "event handler": f'<img src=x onerror="{_RUN}">',
    "svg": f"<svg onload={_RUN}><animate onbegin={_RUN} attributeName=x dur=1s></svg>",
    "out of an attribute": f'"\' autofocus onfocus={_RUN} x="><b>',
    "out of a style": f"</style></textarea></title><iframe srcdoc='<script>parent.{FLAG}=1</script>'>",
    "link": f'<a href="javascript:{_RUN}">invoice</a>',
    "markdown": f"[invoice](javascript:{_RUN}) ![x](x) `$\\unicode{{x}}$`",
    "template": "{{7*7}} ${7*7} <%= 7*7 %> %s %(x)s {0} {name}",
    "entities": "&lt;b&gt; &amp;amp; &#60;i&#62; &nbsp;",
    "right to left": "\u202egnp.exe\u202c \u2066isolated\u2069 \u200f\u061c",
    "Arabic and Hebrew": "بريد.example שלום",
    "control characters": "a\x00b\x07c\x08d\x7fe\x85f\u2028g\u2029h",
    "terminal": "\x1b[2J\x1b]0;owned\x07\x1b[31mred",
    "very long": "long" * 500,
    "very long, no place to break": "\u00a0".join(["w" * 300] * 3),
    "combining": "e" + "\u0301" * 60 + " \U0001f469\u200d\U0001f4bb",
    "not text": "\ud800 \ufffe \ufeff",
}
"""By name."""

ONE_LINE = " ".join(
    text for name, text in CORPUS.items() if not name.startswith(("very", "control", "not", "combining"))
)
"""The active ones in one line, as a letter's subject might have them."""

HOST_TITLE = "\u202eخادم-البريد <b onmouseover=" + _RUN + ">"
"""A host's name that is written from right to left, and wants to be more."""

_MAY_NOT_BE_SHOWN = {
    *(code for code in range(32) if code not in (9, 10)), *range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F,
    *range(0x2028, 0x202F), *range(0x2066, 0x206A), 0xFEFF, 0xFFFE, 0xFFFF, *range(0xD800, 0xE000),
}  # fmt: skip
"""Characters that act instead of being seen."""


def acting(data: object, path: str = "") -> list[str]:
    """Where in a model's data (dicts, lists, tuples, text) there is a character that acts: "place: U+202E"."""
    if isinstance(data, str):
        return [f"{path}: U+{ord(c):04X}" for c in data if ord(c) in _MAY_NOT_BE_SHOWN]
    if isinstance(data, dict):
        pairs = [pair for key, value in data.items() for pair in ((key, f"{path}[key]"), (value, f"{path}.{key}"))]
        return [found for part, place in pairs for found in acting(part, place)]
    if isinstance(data, list | tuple):
        return [found for n, value in enumerate(data) for found in acting(value, f"{path}[{n}]")]
    return []
