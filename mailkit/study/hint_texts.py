"""The hints of the exercises, three steps each: where to look, what to use, how the parts go together.

Must not know: who has asked for which. They stand here and not in the notebooks, where the cell that shows them
would show them all at once. None of them is a solution.
"""

from __future__ import annotations

from mailkit.locale import _

Steps = tuple[str, str, str]


def hint_steps(key: str) -> Steps | None:
    """The three steps for an exercise, in the learner's language; None where there are none."""
    return _chapter_0().get(key)


def _chapter_0() -> dict[str, Steps]:
    return {
        "00/deliver": (
            _(
                "Hop ① of the lesson does all of it, with names that are fixed there. Which of your function's "
                "arguments takes the place of which name?"
            ),
            _(
                "Four steps in one conversation: call the server on port 587, turn on TLS with the context you are "
                "given, log in, hand the letter over. A with block around them hangs up properly."
            ),
            _(
                "pc.smtp(…) calls, starttls(context=…) encrypts, login(…) says who you are, and send_message(…) "
                "hands over; call that last one exactly once. A 550 says that you have come by port 25, as a stranger."
            ),
        ),
        "00/added-by": (
            _(
                "Only two kinds of field were written by servers here: Return-Path and Received. Which word in a "
                "Received field names the one who wrote it?"
            ),
            _(
                "value.split() gives the words of a field. The name that you want is the word after “by”. The pairs "
                "come in the order in which the fields stand."
            ),
            _(
                "Return-Path names nobody. The server that files the letter writes it, and that server also wrote the "
                "topmost Received: find that name first, then put the pair for Return-Path in front of the others."
            ),
        ),
    }
