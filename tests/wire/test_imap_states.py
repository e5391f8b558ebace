"""The tables of legality: every command in every state, asked of the engine itself (RFC 3501 §3)."""

from __future__ import annotations

import itertools

import pytest

from mailkit.mail.mailbox import MailStore
from mailkit.wire.imap_server import IMAPServer
from mailkit.wire.imap_states import LEGAL, NEEDS, NUMBERS_STAND_STILL, UID_COMMANDS, Condition, State

WAY_TO = {
    State.NOT_AUTHENTICATED: b"",
    State.AUTHENTICATED: b"a LOGIN goto secret\r\n",
    State.SELECTED: b"a LOGIN goto secret\r\na SELECT INBOX\r\n",
}

SWITCHES = list(itertools.product([True, False], repeat=3))


def engine_in(state: State, store: MailStore, *, tls: bool = True, private: bool = False) -> IMAPServer:
    engine = IMAPServer(store, hostname="mail.example.co.jp", tls_available=tls, allow_plaintext_login=not private)
    engine.start()
    engine.receive(WAY_TO[state])
    engine.take_output()
    return engine


def answer(engine: IMAPServer, command: str) -> str:
    engine.receive(f"t {command}\r\n".encode())
    return engine.take_output().decode()


@pytest.mark.parametrize(("verb", "state"), list(itertools.product(sorted(LEGAL), State)))
def test_table_is_obeyed(verb: str, state: State, store: MailStore) -> None:
    engine = engine_in(state, store)
    assert engine.state is state
    refused = answer(engine, verb) == f"t BAD {verb} is not legal in the {state.value} state\r\n"
    assert refused == (state not in LEGAL[verb])


@pytest.mark.parametrize("verb", UID_COMMANDS)
def test_uid_commands_are_those_of_an_open_mailbox(verb: str, store: MailStore) -> None:
    assert LEGAL[verb] == LEGAL["UID"]
    assert f"no UID {verb}" not in answer(engine_in(State.SELECTED, store), f"UID {verb}")


@pytest.mark.parametrize("verb", sorted(set(LEGAL) - set(UID_COMMANDS)))
def test_no_other_command_follows_uid(verb: str, store: MailStore) -> None:
    assert answer(engine_in(State.SELECTED, store), f"UID {verb}").startswith(f"t BAD no UID {verb}; there are")


def test_every_command_has_its_line_and_every_line_its_command() -> None:
    done = {name.removeprefix("do_").upper() for name in dir(IMAPServer) if name.startswith("do_")}
    assert done == set(LEGAL)
    assert set(NEEDS) | set(UID_COMMANDS) | NUMBERS_STAND_STILL <= set(LEGAL)


@pytest.mark.parametrize(("tls", "private", "is_on"), SWITCHES)
@pytest.mark.parametrize("verb", NEEDS)
def test_conditions_are_obeyed(verb: str, tls: bool, private: bool, is_on: bool, store: MailStore) -> None:
    engine = engine_in(State.NOT_AUTHENTICATED, store, tls=tls, private=private)
    if is_on:
        engine.tls_started()
    given = {Condition.CLEAR: not is_on, Condition.TLS_OFFERED: tls, Condition.PRIVATE: is_on or not private}
    missing = [condition for condition in NEEDS[verb] if not given[condition]]
    said = answer(engine, verb)
    assert [f"t {condition.value}\r\n" for condition in missing[:1]] == [said] * bool(missing)


@pytest.mark.parametrize(("tls", "private", "is_on"), SWITCHES)
def test_only_what_is_legal_is_announced(tls: bool, private: bool, is_on: bool, store: MailStore) -> None:
    engine = engine_in(State.NOT_AUTHENTICATED, store, tls=tls, private=private)
    if is_on:
        engine.tls_started()
    names = answer(engine, "CAPABILITY").split("\r\n")[0].split()
    assert ("STARTTLS" in names) == answer(engine, "STARTTLS").startswith("t OK") or engine.wants_tls
    assert ("LOGINDISABLED" in names) == ("AUTH=PLAIN" not in names) == (private and not is_on)


def test_what_is_announced_after_login_is_honoured(store: MailStore) -> None:
    """One command for each name: none is unknown."""
    engine = engine_in(State.AUTHENTICATED, store)
    names = set(answer(engine, "CAPABILITY").split("\r\n")[0].split()[2:])
    tried = {
        "ENABLE": "ENABLE CONDSTORE",
        "IMAP4rev2": "ENABLE IMAP4rev2",
        "UTF8=ACCEPT": "ENABLE UTF8=ACCEPT",
        "ID": "ID NIL",
        "LITERAL+": "STATUS {5+}\r\nINBOX (MESSAGES)",
        "NAMESPACE": "NAMESPACE",
        "CHILDREN": 'LIST "" *',
        "LIST-EXTENDED": 'LIST (SUBSCRIBED) "" * RETURN (CHILDREN)',
        "LIST-STATUS": 'LIST "" * RETURN (STATUS (MESSAGES))',
        "STATUS=SIZE": "STATUS INBOX (SIZE)",
        "SPECIAL-USE": 'LIST (SPECIAL-USE) "" *',
        "CREATE-SPECIAL-USE": "CREATE S (USE (\\Sent))",
        "APPENDLIMIT=52428800": "STATUS INBOX (APPENDLIMIT)",
        "BINARY": "APPEND INBOX ~{1+}\r\nx",
        "CONDSTORE": "SELECT INBOX (CONDSTORE)",
        "ESEARCH": "SEARCH RETURN (COUNT) ALL",
        "SEARCHRES": "SEARCH RETURN (SAVE) ALL",
        "SORT": "SORT (DATE) UTF-8 ALL",
        "WITHIN": "SEARCH OLDER 5",
        "UIDPLUS": "UID EXPUNGE 1",
        "MOVE": "MOVE 1 S",
        "IDLE": "IDLE\r\nDONE",
        "UNSELECT": "UNSELECT",
    }
    assert set(tried) | {"IMAP4rev1"} == names
    for name, command in tried.items():
        assert "\r\nt OK" in "\r\n" + answer(engine, command), name
