"""Faults check themselves, and say in a sentence what cannot be."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from mailkit.server.faults import Answer, Break, Delay, FalseCertificate, FaultError, HangUp, StripTLS, Trickle
from mailkit.server.verbs import VERBS


@pytest.mark.parametrize(
    ("kind", "values", "sentence"),
    [
        (HangUp, {"verb": "RCTP"}, r"HangUp: no verb 'RCTP' \(did you mean 'RCPT'\?\); there are: \., APOP, "),
        (Answer, {"verb": "SEND", "reply": "451 no"}, "Answer: no verb 'SEND'"),
        (Answer, {"verb": "RCPT", "reply": "250 ok"}, "'250 ok' is no refusal of RCPT; expected '451 4.7.1 …'"),
        (Answer, {"verb": "QUIT", "reply": "no"}, "expected '451 4.7.1 …' or '-ERR …'"),
        (Answer, {"verb": "FETCH", "reply": "-ERR no"}, "'-ERR no' is no refusal of FETCH; expected 'NO …'"),
        (HangUp, {"verb": "LANG"}, "no verb 'LANG'"),
        (HangUp, {"verb": "UID"}, "no verb 'UID'"),
        (Answer, {"verb": "NOOP", "reply": "451 a\r\n250 b"}, "is no refusal of NOOP"),
        (HangUp, {"verb": "MAIL", "recipient": "*"}, "MAIL has no recipient; RCPT, DATA and '.' have"),
        (Delay, {"verb": "MAIL", "seconds": -1}, "Delay: seconds is -1; expected 0 to 86400"),
        (Delay, {"verb": "MAIL", "seconds": float("nan")}, "seconds is nan"),
        (Trickle, {"octets": 0}, "octets is 0; expected 1 to"),
        (Break, {"after": 1, "towards": "here"}, "towards is 'here'; expected 'client' or 'server'"),
        (Break, {"after": -1}, "after is -1"),
        (HangUp, {"verb": "MAIL", "first": 1, "every": 2}, "it has first and every; give one of them"),
        (HangUp, {"verb": "MAIL", "first": 0}, "first is 0; expected 1 or more"),
        (HangUp, {"verb": "MAIL", "every": 1.5}, "every is 1.5; expected 1 or more"),
        (HangUp, {"verb": "MAIL", "probability": 1.1}, "probability is 1.1; expected 0 to 1"),
        (StripTLS, {"client": "a", "server": "b"}, "name client, server and by"),
        (StripTLS, {"client": "a", "by": "c"}, "name client, server and by"),
        (FalseCertificate, {"client": "a", "server": "b", "by": "b"}, "by is 'b', one of the two ends"),
    ],
)
def test_what_cannot_be(kind: Any, values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(FaultError, match=sentence):
        kind(**values)


@pytest.mark.parametrize(
    ("verb", "services"),
    [
        ("RCPT", ("SMTP",)),
        ("quit", ("SMTP", "POP3")),
        ("NOOP", tuple(VERBS)),
        ("any", tuple(VERBS)),
        ("Fetch", ("IMAP4",)),
        ("UIDL", ("POP3",)),
        (".", ("SMTP",)),
    ],
)
def test_a_verb_names_its_protocols(verb: str, services: tuple[str, ...]) -> None:
    assert HangUp(verb).services == services


@pytest.mark.parametrize(
    ("reply", "services"), [("421 4.3.2 closing", ("SMTP",)), ("-ERR", ("POP3",)), ("BAD no", ("IMAP4",))]
)
def test_a_reply_names_its_protocol(reply: str, services: tuple[str, ...]) -> None:
    assert Answer("NOOP", reply).services == services


def test_a_fault_is_data() -> None:
    assert Answer("rcpt", "451 no", first=2) == Answer("RCPT", "451 no", first=2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        HangUp("MAIL").verb = "RCPT"  # type: ignore[misc]
