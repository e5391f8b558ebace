"""The language of every sentence that a learner sees: English in the code, others from gettext catalogues here.

Protocol text (commands, replies, header fields) is never passed through here.
"""

from __future__ import annotations

import locale
import os
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gettext

DOMAIN = "mailkit"


def language() -> str:
    """`MAILKIT_LANG` if set, else the language of the locale, else "en"."""
    chosen = os.environ.get("MAILKIT_LANG") or _spoken(locale.setlocale(locale.LC_CTYPE))
    return chosen.split("_")[0].lower()


@lru_cache
def _spoken(setting: str) -> str:
    """What the locale of that name speaks; reading such a name takes longer than all else that `_` does."""
    return locale.getlocale()[0] or "en"


@lru_cache
def _catalogue(code: str) -> gettext.NullTranslations:
    import gettext  # here, since English needs none
    from pathlib import Path

    return gettext.translation(DOMAIN, Path(__file__).parent, [code], fallback=True)


def _(sentence: str) -> str:
    """The sentence in the learner's language. Fill its {placeholders} after the call, not before."""
    code = language()
    return sentence if code == "en" else _catalogue(code).gettext(sentence)
