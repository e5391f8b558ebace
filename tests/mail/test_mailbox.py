"""Where mail rests: UIDs, flags, who is told, who may log in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mailkit.mail.mailbox import DELETED, FLAGGED, SEEN, Account, Change, Mailbox, MailStore, Message

NOON = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def mailbox() -> Mailbox:
    mailbox = Mailbox("INBOX")
    for raw in (b"one", b"two", b"three"):
        mailbox.add(raw, NOON)
    return mailbox


def test_messages_stand_in_the_order_of_their_uids(mailbox: Mailbox) -> None:
    assert [(message.uid, message.raw) for message in mailbox] == [(1, b"one"), (2, b"two"), (3, b"three")]
    assert (len(mailbox), mailbox.uid_next) == (3, 4)


def test_a_uid_is_never_given_twice(mailbox: Mailbox) -> None:
    mailbox.expunge([3, 1])
    assert mailbox.add(b"four", NOON).uid == 4
    mailbox.expunge([2, 4])
    assert len(mailbox) == 0
    assert mailbox.add(b"five", NOON).uid == 5
    assert mailbox.get(4) is None
    assert mailbox.get(5) == Message(5, b"five", NOON, mod_seq=10)


def test_flags_are_replaced_and_the_message_stays_itself(mailbox: Mailbox) -> None:
    mailbox.set_flags(2, [SEEN, FLAGGED])
    assert mailbox.set_flags(2, [DELETED]) == Message(2, b"two", NOON, frozenset({DELETED}), 6)
    assert mailbox.get(2) == Message(2, b"two", NOON, frozenset({DELETED}), 6)
    assert [message.uid for message in mailbox] == [1, 2, 3]
    with pytest.raises(KeyError):
        mailbox.set_flags(9, [SEEN])


def test_listeners_are_told_what_happened_in_order(mailbox: Mailbox) -> None:
    told: list[Change] = []
    mailbox.subscribe(told.append)
    arrived = mailbox.add(b"four", NOON, [SEEN])
    flagged = mailbox.set_flags(4, [SEEN, FLAGGED])
    mailbox.set_flags(4, [FLAGGED, SEEN])
    mailbox.expunge([4, 9, 1])
    assert told == [
        Change("arrived", arrived),
        Change("flagged", flagged),
        Change("expunged", flagged),
        Change("expunged", Message(1, b"one", NOON, mod_seq=2)),
    ]


def test_a_listener_may_leave_twice_and_while_it_is_told(mailbox: Mailbox) -> None:
    told: list[str] = []
    leave = mailbox.subscribe(lambda change: (told.append("once"), leave()))  # type: ignore[func-returns-value]
    mailbox.subscribe(lambda change: told.append("other"))
    mailbox.set_flags(1, [SEEN])
    mailbox.set_flags(1, [])
    leave()
    assert told == ["once", "other", "other"]


def test_a_mailbox_made_anew_under_an_old_name_has_another_uidvalidity() -> None:
    account = Account("goto@example.co.jp", "secret")
    first = account.create("Work")
    del account.mailboxes["Work"]
    second = account.create("Work")
    assert len({account.inbox.uid_validity, first.uid_validity, second.uid_validity}) == 3
    assert account.mailboxes["Work"] is second


@pytest.fixture
def store() -> MailStore:
    return MailStore([Account("goto@example.co.jp", "secret"), Account("Ito@example.co.jp", "other")])


def found(account: Account | None) -> str | None:
    return account.address if account else None


@pytest.mark.parametrize(
    ("address", "account"),
    [
        ("goto@example.co.jp", "goto@example.co.jp"),
        ("GOTO@Example.co.jp", "goto@example.co.jp"),
        ("ito@example.co.jp", "Ito@example.co.jp"),
        ("goto@example.com", None),
        ("goto", None),
        ("", None),
    ],
)
def test_mail_is_filed_by_the_address_without_regard_to_case(store: MailStore, address: str, account: str) -> None:
    assert found(store.find(address)) == account


@pytest.mark.parametrize(
    ("user", "password", "account"),
    [
        ("goto", "secret", "goto@example.co.jp"),
        ("goto@example.co.jp", "secret", "goto@example.co.jp"),
        ("GOTO@EXAMPLE.CO.JP", "secret", "goto@example.co.jp"),
        ("ito", "other", "Ito@example.co.jp"),
        ("goto", "Secret", None),
        ("goto", "other", None),
        ("goto", "", None),
        ("", "secret", None),
        ("example.co.jp", "secret", None),
        ("nobody", "secret", None),
    ],
)
def test_who_logs_in_needs_his_own_password(store: MailStore, user: str, password: str, account: str | None) -> None:
    assert found(store.log_in(user, password)) == account


def test_a_store_lists_its_accounts(store: MailStore) -> None:
    assert [account.address for account in store] == ["goto@example.co.jp", "Ito@example.co.jp"]


def test_each_change_has_a_higher_mod_sequence(mailbox: Mailbox) -> None:
    seen = [mailbox.highest_mod_seq]
    for change in (
        lambda: mailbox.add(b"four", NOON),
        lambda: mailbox.set_flags(2, [SEEN]),
        lambda: mailbox.expunge([1]),
    ):
        change()
        seen.append(mailbox.highest_mod_seq)
    assert seen == sorted(set(seen))
    mailbox.set_flags(2, [SEEN])
    assert mailbox.highest_mod_seq == seen[-1]


def test_many_messages_at_once(mailbox: Mailbox) -> None:
    assert [message.raw for message in mailbox.get_all([3, 1])] == [b"three", b"one"]
    with pytest.raises(KeyError):
        mailbox.get_all([1, 9])


def test_messages_are_found_by_their_flags(mailbox: Mailbox) -> None:
    mailbox.set_flags(1, [SEEN])
    mailbox.set_flags(2, [SEEN, "$Work"])
    mailbox.add(b"four", NOON, [SEEN])
    mailbox.put_back(Message(6, b"six", NOON, frozenset({FLAGGED})))
    assert mailbox.flags_used == {SEEN, "$Work", FLAGGED}
    mailbox.set_flags(2, [SEEN])
    mailbox.expunge([4, 6])
    assert set().union(*mailbox.with_flags(lambda flags: SEEN in flags)) == {1, 2}
    assert mailbox.with_flags(lambda flags: SEEN not in flags) == [{3}]
    assert mailbox.flags_used == {SEEN}
    assert mailbox.uids() == [1, 2, 3]


def test_what_was_claimed_is_recent_to_nobody_else(mailbox: Mailbox) -> None:
    mailbox.claim_recent()
    new = mailbox.add(b"four", NOON)
    assert [message for message in mailbox if message.uid >= mailbox.first_recent] == [new]


def test_a_name_tells_what_a_mailbox_is_for() -> None:
    account = Account("goto@example.co.jp", "secret")
    assert [account.create(name).special_use for name in ("Sent", "Work/Sent", "sent")] == ["\\Sent", "", ""]


def test_a_token_is_as_good_as_a_password_where_one_was_issued() -> None:
    goto, ito = Account("goto@example.co.jp", "secret", token="sesame"), Account("ito@example.co.jp", "secret")
    store = MailStore([goto, ito])
    assert store.has_tokens
    assert store.check_token("goto", "sesame") is store.check_token("Goto@example.co.jp", "sesame") is goto
    assert store.check_token("goto", "secret") is None
    assert store.check_token("ito", "") is store.check_token("nobody", "sesame") is None
    assert not MailStore([ito]).has_tokens
