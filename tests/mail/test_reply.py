"""Replies: what their code means, and that they come back as they were written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit.mail.reply import Reply


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (Reply(250), "250 "),
        (Reply(220, text="mail ready"), "220 mail ready"),
        (Reply(550, "5.1.1", "no such user"), "550 5.1.1 no such user"),
        (Reply(250, text="mail\nSIZE 1000\nHELP"), "250-mail\r\n250-SIZE 1000\r\n250 HELP"),
        (Reply(550, "5.7.1", "one\ntwo"), "550-5.7.1 one\r\n550 5.7.1 two"),
        (Reply(250, text="same\nsame"), "250-same\r\n250 same"),
        (Reply(250, text="\n"), "250-\r\n250 "),
    ],
)
def test_a_reply_is_written_and_read_again(reply: Reply, text: str) -> None:
    assert str(reply) == text
    assert Reply.from_lines(text.split("\r\n")) == reply


@given(
    st.integers(200, 599),
    st.sampled_from(["", "2.0.0", "5.1.10", "4.999.999"]),
    st.lists(st.text("ab 5.1", max_size=6).map(str.strip), min_size=1, max_size=4),
)
def test_any_reply_comes_back_as_it_was_written(code: int, enhanced: str, texts: list[str]) -> None:
    reply = Reply(code, enhanced, "\n".join(f"x{text}" for text in texts))
    lines = str(reply).split("\r\n")
    assert Reply.from_lines(lines) == reply
    assert "".join(line[3] for line in lines) == "-" * (len(texts) - 1) + " "


@pytest.mark.parametrize(
    "lines", [[], [""], ["25"], ["abc hello"], ["150 x"], ["650 x"], ["250-a", "251 b"], ["²50 x"]]
)
def test_what_is_no_reply_is_named(lines: list[str]) -> None:
    with pytest.raises(ValueError, match="is no SMTP reply; expected three digits, then ' ' or '-', then text"):
        Reply.from_lines(lines)


@pytest.mark.parametrize("line", ["250 2.1", "250 1.2.3 x", "250 2.1.0x y", "250 2.1.1000 x", "250 x 2.1.0"])
def test_what_only_looks_like_an_enhanced_code_is_text(line: str) -> None:
    reply = Reply.from_lines([line])
    assert (reply.enhanced, reply.text) == ("", line[4:])


@pytest.mark.parametrize(
    ("code", "kind"),
    [(220, "positive"), (250, "positive"), (354, "positive"), (399, "positive"), (400, "transient"), (421, "transient"),
     (499, "transient"), (500, "permanent"), (550, "permanent"), (599, "permanent")],
)  # fmt: skip
def test_the_first_digit_decides_and_a_reply_is_of_one_kind_alone(code: int, kind: str) -> None:
    reply = Reply(code)
    found = {"positive": reply.is_positive, "transient": reply.is_transient, "permanent": reply.is_permanent}
    assert [name for name, holds in found.items() if holds] == [kind]
