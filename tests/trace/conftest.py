"""What the tests of the transcript share: a conversation, made of what each side said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailkit.trace.dialogue import lines
from mailkit.trace.transcript import Dialled, Flow, Said, Transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mailkit.trace.transcript import Party


def make_transcript(port: int, said: Iterable[tuple[Party, bytes]]) -> Transcript:
    transcript = Transcript()
    flow = Flow(1, "goto-pc", "10.0.0.21", "mail", "192.0.2.25", port)
    transcript.append(Dialled(0.0, flow, "accept", None))
    for by, data in said:
        transcript.append(Said(0.0, flow, by, data, encrypted=False))
    return transcript


@pytest.fixture
def converse() -> Callable[..., Transcript]:
    """`converse(110, [("S", b"+OK hi\\r\\n"), …])` is the transcript of one conversation at that port."""
    return make_transcript


@pytest.fixture
def show() -> Callable[..., list[str]]:
    """The same as the lines that a reader is shown."""

    def show(port: int, said: Iterable[tuple[Party, bytes]]) -> list[str]:
        transcript = make_transcript(port, said)
        (flow,) = transcript.flows()
        return [f"{line.by}: {line.text}" for line in lines(transcript, flow)]

    return show
