"""The tracker of what a session was not told yet (RFC 3501 §5.2, §7.4.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit.mail.mailbox import SEEN, Mailbox
from mailkit.wire.imap_view import View

from .conftest import NOON


class Client:
    """What a client makes of untagged responses."""

    def __init__(self, view: View) -> None:
        self.count = len(view.uids)

    def hear(self, lines: list[bytes]) -> None:
        for line in lines:
            number, kind = line.split()[1:3]
            if kind == b"EXPUNGE":
                assert 1 <= int(number) <= self.count
                self.count -= 1
            elif kind == b"EXISTS":
                assert int(number) >= self.count, "EXISTS never shrinks a mailbox"
                self.count = int(number)
            else:
                assert 1 <= int(number) <= self.count


@pytest.fixture
def mailbox() -> Mailbox:
    mailbox = Mailbox("INBOX")
    for _ in range(3):
        mailbox.add(b"x", NOON)
    return mailbox


@pytest.fixture
def view(mailbox: Mailbox) -> View:
    return View(mailbox, read_only=False, on_news=lambda: None, tells_recent=False)


def news(view: View, *, expunges: bool = True) -> list[bytes]:
    """What is told, but for the keywords that are made known; those have a test of their own."""
    told = list(view.news(expunges=expunges))
    return [line for line in told if not line.startswith((b"* FLAGS ", b"* OK [PERMANENTFLAGS "))]


def test_numbers_are_of_the_moment_each_expunge_is_told(mailbox: Mailbox, view: View) -> None:
    mailbox.expunge([3, 1, 2])
    assert news(view) == [b"* 1 EXPUNGE"] * 3
    assert news(view) == []


@pytest.mark.parametrize("gone", [[], [2]])
@pytest.mark.parametrize("chosen", [[], [1, 4, 5], [1, 5, 20], [1, *range(4, 21)], list(range(3, 21))])
def test_many_are_numbered_as_each_one_is(gone: list[int], chosen: list[int]) -> None:
    mailbox = Mailbox("INBOX")
    for _ in range(20):
        mailbox.add(b"x", NOON)
    mailbox.expunge(gone)
    view = View(mailbox, read_only=True, on_news=lambda: None)
    assert list(view.numbers(chosen)) == [view.uids.index(uid) + 1 for uid in chosen]


def test_expunge_waits_and_the_message_can_be_read_until_then(mailbox: Mailbox, view: View) -> None:
    mailbox.expunge([2])
    mailbox.add(b"y", NOON)
    assert news(view, expunges=False) == [b"* 4 EXISTS"]
    assert view.is_gone(2)
    assert view.message(2).raw == b"x"
    assert view.number(3) == 3
    assert news(view) == [b"* 2 EXPUNGE"]
    assert (view.number(3), view.uids) == (2, [1, 3, 4])


def test_a_search_by_flags_sees_what_the_client_sees(mailbox: Mailbox, view: View) -> None:
    mailbox.set_flags(2, [SEEN])
    mailbox.set_flags(3, [SEEN])
    mailbox.expunge([2])
    mailbox.add(b"not told yet", NOON, [SEEN])
    assert view.with_flags(lambda flags: SEEN in flags) == [2, 3]
    news(view)
    assert view.with_flags(lambda flags: SEEN in flags) == [3, 4]


def test_message_that_came_and_went_is_never_told(mailbox: Mailbox, view: View) -> None:
    message = mailbox.add(b"y", NOON)
    mailbox.set_flags(message.uid, ["\\Seen"])
    mailbox.expunge([message.uid])
    assert news(view) == []


def test_flags_are_told_once_and_as_they_are(mailbox: Mailbox, view: View) -> None:
    mailbox.set_flags(2, ["\\Seen"])
    mailbox.set_flags(2, ["\\Flagged"])
    assert news(view) == [b"* 2 FETCH (FLAGS (\\Flagged))"]
    assert news(view) == []


def test_own_change_is_no_news_but_leaves_that_of_others(mailbox: Mailbox, view: View) -> None:
    view.set_flags(1, frozenset({"\\Seen"}))
    assert news(view) == []
    mailbox.set_flags(2, ["a"])
    view.set_flags(2, frozenset({"b"}))
    assert news(view) == [b"* 2 FETCH (FLAGS (b))"]


def test_flags_told_in_an_answer_are_not_told_again(mailbox: Mailbox, view: View) -> None:
    mailbox.set_flags(2, ["a"])
    view.told_flags([2])
    assert news(view) == []


def test_news_is_announced_until_closed(mailbox: Mailbox) -> None:
    calls: list[int] = []
    view = View(mailbox, read_only=False, on_news=lambda: calls.append(1))
    mailbox.set_flags(1, ["a"])
    mailbox.add(b"y", NOON)
    mailbox.expunge([1])
    view.set_flags(2, frozenset({"b"}))
    assert len(calls) == 3
    view.close()
    view.close()
    mailbox.add(b"z", NOON)
    assert len(calls) == 3


class TestRecent:
    r"""RFC 3501 §2.3.2: `\Recent` is told to the first session that may claim a message, and to no later one."""

    def open_view(self, mailbox: Mailbox, *, read_only: bool = False) -> View:
        return View(mailbox, read_only=read_only, on_news=lambda: None)

    def test_first_to_open_claims(self, mailbox: Mailbox) -> None:
        assert self.open_view(mailbox).recent == {1, 2, 3}
        assert self.open_view(mailbox).recent == set()

    def test_one_who_may_not_write_claims_nothing(self, mailbox: Mailbox) -> None:
        assert self.open_view(mailbox, read_only=True).recent == {1, 2, 3}
        assert self.open_view(mailbox).recent == {1, 2, 3}

    def test_arrival_is_recent_in_one_session_of_those_that_have_it_open(self, mailbox: Mailbox) -> None:
        one, two = self.open_view(mailbox), self.open_view(mailbox)
        mailbox.add(b"y", NOON)
        assert news(one) == [b"* 4 EXISTS", b"* 4 RECENT"]
        assert news(two) == [b"* 4 EXISTS", b"* 0 RECENT"]

    def test_it_is_a_flag_like_others_to_the_client(self, mailbox: Mailbox) -> None:
        view = self.open_view(mailbox)
        mailbox.set_flags(2, ["\\Seen", "a"])
        assert news(view) == [b"* 2 FETCH (FLAGS (\\Recent \\Seen a))"]

    def test_count_falls_with_expunge(self, mailbox: Mailbox) -> None:
        view = self.open_view(mailbox)
        mailbox.expunge([2])
        mailbox.add(b"y", NOON)
        assert news(view) == [b"* 2 EXPUNGE", b"* 3 EXISTS", b"* 3 RECENT"]


def test_mod_sequence_is_told_to_those_who_know_it(mailbox: Mailbox, view: View) -> None:
    view.tells_mod_seq = True
    mailbox.set_flags(2, ["a"])
    assert news(view) == [b"* 2 FETCH (FLAGS (a) MODSEQ (5))"]


def test_new_keywords_are_made_known_once_and_before_they_are_used(mailbox: Mailbox, view: View) -> None:
    mailbox.set_flags(2, ["b"])
    assert list(view.news(expunges=True)) == [
        b"* FLAGS (\\Answered \\Deleted \\Draft \\Flagged \\Seen b)",
        b"* OK [PERMANENTFLAGS (\\* \\Answered \\Deleted \\Draft \\Flagged \\Seen b)] flags that are kept",
        b"* 2 FETCH (FLAGS (b))",
    ]
    mailbox.set_flags(3, ["b", "\\Seen"])
    assert list(view.news(expunges=True)) == [b"* 3 FETCH (FLAGS (\\Seen b))"]


def test_saved_result_forgets_what_is_gone(mailbox: Mailbox, view: View) -> None:
    view.saved = frozenset({1, 2})
    mailbox.expunge([2])
    news(view)
    assert view.saved == {1}


ACTIONS = st.sampled_from(["add", "flag", "expunge", "tell", "tell but no expunge"])


@given(st.lists(st.tuples(ACTIONS, st.integers(1, 8))))
def test_client_that_believes_the_news_knows_the_mailbox(actions: list[tuple[str, int]]) -> None:
    mailbox = Mailbox("INBOX")
    view = View(mailbox, read_only=False, on_news=lambda: None, tells_recent=False)
    client = Client(view)
    for action, uid in actions:
        match action:
            case "add":
                mailbox.add(b"x", NOON)
            case "flag" if mailbox.get(uid):
                mailbox.set_flags(uid, [f"k{len(mailbox)}"])
            case "expunge":
                mailbox.expunge([uid])
            case "tell" | "tell but no expunge":
                client.hear(news(view, expunges=action == "tell"))
                assert client.count == len(view.uids)
                assert all(view.message(uid) for uid in view.uids)
    client.hear(news(view))
    assert client.count == len(mailbox)
    assert view.uids == [message.uid for message in mailbox]
