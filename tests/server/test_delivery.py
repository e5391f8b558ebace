"""Where a letter goes next, and what comes of it, with other servers that behave in every way."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mailkit.mail.reply import Reply
from mailkit.server.delivery import LOOP, NO_SUCH_DOMAIN, NULL_MX, next_hops
from mailkit.trace.transcript import Asked, Dialled, Handled, Secured

if TYPE_CHECKING:
    from collections.abc import Callable

    Send = Callable[..., None]

YAMADA, GOTO = "yamada@example.com", "goto@many.example"


def acts(world: Any, queue_id: str = "A1") -> list[tuple[str, str, str]]:
    """What was done with one message, without that it was queued."""
    return [
        (r.act, r.recipient, r.detail)
        for r in world.transcript.only(Handled)
        if r.queue_id == queue_id and r.act != "queued"
    ]


def calls(world: Any) -> list[tuple[str, str]]:
    """The calls that example.com's server made."""
    return [(r.flow.server, r.verdict) for r in world.transcript.only(Dialled) if r.flow.client == "mail.example.com"]


# -- the next hop (RFC 5321 §5.1, RFC 7505)


@pytest.mark.parametrize(
    ("domain", "hops"),
    [
        ("many.example", ["first.many.example", "second.many.example"]),
        ("plain.example", ["plain.example"]),
        ("nomail.example", NULL_MX),
        ("nowhere.example", NO_SUCH_DOMAIN),
        ("x" * 64 + ".example", NO_SUCH_DOMAIN),
        ("empty.example", ["empty.example"]),
        ("ours.example", ["first.many.example"]),
        ("loop.example", LOOP),
    ],
)
def test_the_next_hop_is_found_in_dns(world: Any, domain: str, hops: list[str] | Reply) -> None:
    assert next_hops(world.network, "mail.example.com", domain, "mail.example.com") == hops
    (question,) = world.transcript.only(Asked)
    assert (question.host, question.name, question.kind) == ("mail.example.com", domain, "MX")


def test_an_address_literal_names_the_host_itself_and_dns_is_not_asked(world: Any) -> None:
    assert next_hops(world.network, "mail.example.com", "[198.51.100.1]") == ["198.51.100.1"]
    assert not world.transcript.only(Asked)


# -- attempts


def test_the_best_exchanger_takes_it_and_no_other_is_asked(world: Any, send: Send) -> None:
    heard = world.stand_in("first")
    world.stand_in("second")
    send(GOTO, content="Subject: x\r\n\r\n..dot")
    assert acts(world) == [("relayed", GOTO, "250 taken")]
    assert calls(world) == [("first", "accept")]
    lines = heard.decode().split("\r\n")
    assert lines[0] == "EHLO mail.example.com"
    assert lines[1].startswith("MAIL FROM:<yamada@example.com>")
    assert lines[2:5] == ["RCPT TO:<goto@many.example>", "DATA", "Received: from pc (pc [192.168.1.10])"]
    assert lines[-6:] == ["Subject: x", "", "..dot", ".", "QUIT", ""]


def test_the_second_is_asked_when_the_first_does_not_answer(world: Any, send: Send) -> None:
    world.stand_in("second")
    send(GOTO)
    assert acts(world) == [("relayed", GOTO, "250 taken")]
    assert calls(world) == [("first", "closed"), ("second", "accept")]


@pytest.mark.parametrize("script", [{"greeting": "421 busy"}, {"greeting": None}, {"EHLO": None}, {"MAIL": None}])
def test_the_second_is_asked_when_the_first_is_busy_or_breaks_off(
    world: Any, send: Send, script: dict[str, str | None]
) -> None:
    world.stand_in("first", **script)
    world.stand_in("second")
    send(GOTO)
    assert acts(world) == [("relayed", GOTO, "250 taken")]
    assert calls(world) == [("first", "accept"), ("second", "accept")]


@pytest.mark.parametrize("script", [{"greeting": "554 no"}, {"RCPT": "450 later"}, {"DATA": "452 full"}])
def test_an_answer_of_the_first_is_an_answer(world: Any, send: Send, script: dict[str, str | None]) -> None:
    world.stand_in("first", **script)
    world.stand_in("second")
    send(GOTO)
    assert calls(world) == [("first", "accept")]


def test_what_may_have_arrived_is_not_offered_to_the_second(world: Any, send: Send) -> None:
    world.stand_in("first", **{".": None})
    world.stand_in("second")
    send(GOTO)
    assert calls(world) == [("first", "accept")]
    assert [act for act, _, _ in acts(world)] == ["deferred"]


# -- what the next server offers


@pytest.mark.parametrize("starttls", [True, False])
def test_tls_is_used_where_it_is_offered(world: Any, send: Send, starttls: bool) -> None:
    store = world.other_server("first", "many.example", "goto", mx_starttls=starttls)
    send(GOTO)
    (account,) = store
    (message,) = account.inbox
    assert (b" with ESMTPS id B1 " in message.raw, b" with ESMTP id B1 " in message.raw) == (starttls, not starttls)
    assert len([record for record in world.transcript.only(Secured) if record.flow.server == "first"]) == starttls


def test_where_the_handshake_fails_it_goes_in_clear(world: Any, send: Send) -> None:
    heard = world.stand_in("first", EHLO="250-peer\r\n250 STARTTLS", STARTTLS="220 go on", garbled="hang up")
    send(GOTO)
    assert acts(world) == [("relayed", GOTO, "250 taken")]
    assert calls(world) == [("first", "accept"), ("first", "accept")]
    assert heard.count(b"STARTTLS") == 1


@pytest.mark.parametrize(
    ("offers", "content", "sender", "reply"),
    [
        ("250 peer", "Subject: x\r\n\r\n日本", YAMADA, "554 5.6.3 "),
        ("250-peer\r\n250 8BITMIME", "Subject: 日本\r\n\r\nx", YAMADA, "553 5.6.7 "),
        ("250-peer\r\n250 SIZE 100", "Subject: x\r\n\r\nx", YAMADA, "552 5.3.4 "),
    ],
)
def test_what_the_next_server_cannot_take_comes_back(
    world: Any, send: Send, offers: str, content: str, sender: str, reply: str
) -> None:
    heard = world.stand_in("first", EHLO=offers)
    send(GOTO, content=content, sender=sender)
    ((act, _, detail),) = acts(world)
    assert (act, detail[:10]) == ("bounced", reply)
    assert b"MAIL" not in heard
    (notice,) = world.inbox()
    assert reply.encode() in notice
    assert b"first said" not in notice  # nobody said it: our own server decided


def test_a_letter_with_utf8_addresses_travels_where_they_are_understood(world: Any, call: Any) -> None:
    """RFC 6531, RFC 6532."""
    store = world.other_server("first", "many.example", "後藤")
    line = call(587)
    line.log_in(world.desk.for_client())
    assert line.say("MAIL FROM:<山田@example.com> SMTPUTF8 BODY=8BITMIME").startswith("250 ")
    assert line.say("RCPT TO:<後藤@many.example>").startswith("250 ")
    line.say("DATA")
    assert line.say("Subject: 手紙", "", "本文", ".").startswith("250 ")
    world.settle()
    (account,) = store
    (message,) = account.inbox
    text = message.raw.decode()
    assert text.startswith("Return-Path: <山田@example.com>\r\n")
    assert " with UTF8SMTP id B1 for <後藤@many.example>;" in text
    assert " with UTF8SMTPSA id A1 for <後藤@many.example>;" in text


def test_the_same_letter_comes_back_from_where_they_are_not(world: Any, call: Any) -> None:
    heard = world.stand_in("first", EHLO="250-peer\r\n250 8BITMIME")
    line = call(587)
    line.log_in(world.desk.for_client())
    line.say("MAIL FROM:<yamada@example.com> SMTPUTF8")
    line.say("RCPT TO:<後藤@many.example>")
    line.say("DATA")
    line.say("Subject: x", "", "x", ".")
    world.settle()
    assert [(act, detail[:9]) for act, _, detail in acts(world)] == [("bounced", "553 5.6.7")]
    assert b"MAIL" not in heard
    (notice,) = world.inbox()
    assert notice.isascii()
    assert b"Final-Recipient: utf-8; \\x{5F8C}\\x{85E4}@many.example\r\n" in notice


def test_without_mx_the_domains_own_address_is_called(world: Any, send: Send) -> None:
    world.stand_in("third")
    send("goto@plain.example")
    assert acts(world) == [("relayed", "goto@plain.example", "250 taken")]
    assert calls(world) == [("third", "accept")]


@pytest.mark.parametrize(
    ("recipient", "reply"),
    [
        ("goto@nomail.example", "556 5.1.10 that domain takes no mail"),
        ("goto@nowhere.example", "550 5.1.2 no such domain"),
        ("goto@lost.example", "550 5.4.4 no mail server of that domain has an address in DNS"),
        ("goto@empty.example", "550 5.4.4 no mail server of that domain has an address in DNS"),
        (
            "goto@alias.example",
            "550 5.4.4 the MX records of that domain name aliases alone, which RFC 2181 section 10.3 forbids",
        ),
    ],
)
def test_where_no_mail_can_go_it_comes_back(world: Any, send: Send, recipient: str, reply: str) -> None:
    world.stand_in("third")
    send(recipient)
    assert acts(world) == [("bounced", recipient, reply)]
    assert calls(world) == []
    (notice,) = world.inbox()
    assert f"<{recipient}>: {reply}".encode() in notice


@pytest.mark.parametrize(
    ("recipient", "reply"),
    [
        (GOTO, "451 4.4.1 no mail server of that domain answered"),
        ("goto@away.example", "451 4.4.1 no mail server of that domain answered"),
        ("goto@[198.51.100.99]", "451 4.4.1 nobody answered at that address"),
        ("goto@failing.example", "451 4.4.3 the name servers of that domain are out of order"),
        ("goto@hosted.example", "451 4.4.3 the name servers of that domain are out of order"),
    ],
)
def test_where_nobody_answers_it_waits(world: Any, send: Send, recipient: str, reply: str) -> None:
    send(recipient)
    assert acts(world) == [("deferred", recipient, reply)]
    assert [entry.envelope.forward_paths for entry in world.server.queue] == [(recipient,)]


@pytest.mark.parametrize("world", [("memory", {"smarthost": "second"})], indirect=True)
def test_a_fixed_next_hop_that_is_silent_is_told_by_its_name(world: Any, send: Send) -> None:
    """Not as a mail server of the recipient's domain, which nobody called."""
    send(GOTO)
    reply = "451 4.4.1 second, to which mail for that domain is always handed, could not be reached"
    assert acts(world) == [("deferred", GOTO, reply)]
    assert calls(world) == [("second", "closed")]


def test_an_alias_at_an_mx_is_passed_over_for_the_next_exchanger(world: Any, send: Send) -> None:
    """RFC 5321 §5.1, RFC 2181 §10.3: though the alias would lead to a server that listens."""
    world.stand_in("first")
    world.stand_in("second")
    send("goto@partly.example")
    assert calls(world) == [("second", "accept")]


def test_equal_preferences_are_tried_in_the_files_order(world: Any, send: Send) -> None:
    world.stand_in("first")
    send("goto@equal.example")
    assert calls(world) == [("second", "closed"), ("first", "accept")]
    assert acts(world) == [("relayed", "goto@equal.example", "250 taken")]


def test_a_domain_that_is_an_alias_has_the_exchangers_of_what_it_stands_for(world: Any, send: Send) -> None:
    """It is an alias at an MX that is forbidden; in an address it is not (RFC 5321 §2.3.5)."""
    world.stand_in("first")
    send("goto@also.partly.example")
    assert acts(world) == [("relayed", "goto@also.partly.example", "250 taken")]


@pytest.mark.parametrize(
    "script",
    [
        {"greeting": "421 busy"},
        {"MAIL": "451 not now"},
        {"RCPT": "450 4.2.0 greylisted"},
        {"DATA": "452 full"},
        {".": "451 4.3.0 try again"},
    ],
)
def test_a_transient_refusal_leaves_it_in_the_queue_and_later_it_goes(
    world: Any, send: Send, script: dict[str, str]
) -> None:
    world.stand_in("first", **script)
    send(GOTO)
    (reply,) = script.values()
    assert acts(world) == [("deferred", GOTO, str(Reply.from_lines([reply])))]
    (entry,) = world.server.queue
    assert entry.reason == reply
    world.scripts["first"].clear()
    world.clock.move_to(world.clock.now() + timedelta(minutes=29))
    world.settle()
    assert len(acts(world)) == 1
    world.clock.move_to(world.clock.now() + timedelta(minutes=1))
    world.settle()
    assert acts(world)[1:] == [("relayed", GOTO, "250 taken")]
    assert len(world.server.queue) == 0


@pytest.mark.parametrize(
    "script",
    [
        {"greeting": "554 go away"},
        {"MAIL": "550 5.7.1 not you"},
        {"RCPT": "550 5.1.1 no such user"},
        {"DATA": "554 5.5.1 no"},
        {".": "554 5.6.0 spam"},
    ],
)
def test_a_permanent_refusal_comes_back_to_the_sender(world: Any, send: Send, script: dict[str, str]) -> None:
    world.stand_in("first", **script)
    world.stand_in("second")
    send(GOTO)
    (reply,) = script.values()
    assert acts(world) == [("bounced", GOTO, reply)]
    (notice,) = world.inbox()
    assert notice.startswith(b"Return-Path: <>\r\n")
    assert reply.encode() in notice
    assert len(world.server.queue) == 0


@pytest.mark.parametrize("moment", ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "."])
def test_a_peer_that_hangs_up_in_the_middle_is_tried_again(world: Any, send: Send, moment: str) -> None:
    world.stand_in("first", **{moment: None})
    send(GOTO)
    assert acts(world) == [("deferred", GOTO, "451 4.4.2 the conversation broke off")]
    assert len(world.server.queue) == 1


def test_a_peer_that_hangs_up_instead_of_saying_goodbye_has_the_letter(world: Any, send: Send) -> None:
    world.stand_in("first", QUIT=None)
    send(GOTO)
    assert acts(world) == [("relayed", GOTO, "250 taken")]


def test_a_peer_that_speaks_nonsense_is_tried_again(world: Any, send: Send) -> None:
    world.stand_in("first", greeting="hello there")
    send(GOTO)
    assert [act for act, _, _ in acts(world)] == ["deferred"]


def test_each_recipient_has_an_outcome_of_his_own(world: Any, send: Send) -> None:
    heard = world.stand_in(
        "first",
        **{"RCPT TO:<b@many.example>": "450 later", "RCPT TO:<c@many.example>": "550 5.1.1 never"},
    )
    world.stand_in("third")
    send("a@many.example", "b@many.example", "c@many.example", "d@plain.example", "sato@example.com")
    assert acts(world) == [
        ("relayed", "a@many.example", "250 taken"),
        ("deferred", "b@many.example", "450 later"),
        ("bounced", "c@many.example", "550 5.1.1 never"),
        ("relayed", "d@plain.example", "250 taken"),
        ("filed", "sato@example.com", "sato@example.com INBOX 1"),
    ]
    assert heard.count(b"\r\nDATA\r\n") == 1
    (entry,) = world.server.queue
    assert entry.envelope.forward_paths == ("b@many.example",)
    (notice,) = world.inbox()
    assert b"c@many.example" in notice
    assert b"b@many.example" not in notice


def test_a_reply_in_any_language_comes_back_in_a_notice(world: Any, send: Send) -> None:
    world.stand_in("first", RCPT="550 5.1.1 利用者がいません")
    send(GOTO)
    (notice,) = world.inbox()
    assert b"550 5.1.1 ????" in notice
    assert len(world.server.queue) == 0


# -- bounces (RFC 5321 §6.1)


def test_a_bounce_goes_out_with_the_null_reverse_path(world: Any, send: Send) -> None:
    """The sender lives elsewhere, so the notice has to travel."""
    world.stand_in("first", **{"RCPT TO:<goto@many.example>": "550 never"})
    heard = world.stand_in("third")
    send(GOTO, sender="boss@plain.example")
    assert acts(world, "A2") == [("relayed", "boss@plain.example", "250 taken")]
    assert b"MAIL FROM:<> " in heard or b"MAIL FROM:<>\r\n" in heard
    assert b"RCPT TO:<boss@plain.example>" in heard


def test_a_bounce_that_cannot_be_delivered_makes_no_second_one(world: Any, send: Send) -> None:
    world.stand_in("first", RCPT="550 never")
    send(GOTO, sender="nobody@nowhere.example")
    assert acts(world, "A1") == [("bounced", GOTO, "550 never")]
    assert acts(world, "A2") == [("bounced", "nobody@nowhere.example", "550 5.1.2 no such domain")]
    assert [r.queue_id for r in world.transcript.only(Handled) if r.act == "queued"] == ["A1", "A2"]
    assert world.inbox() == []
    assert len(world.server.queue) == 0


def test_after_five_days_what_was_deferred_comes_back(world: Any, send: Send) -> None:
    world.stand_in("first", RCPT="450 4.2.0 greylisted for ever")
    send(GOTO)
    for _ in range(5 * 48 - 1):
        world.clock.move_to(world.clock.now() + timedelta(minutes=30))
        world.settle()
    assert world.inbox() == []
    world.clock.move_to(world.clock.now() + timedelta(minutes=30))
    world.settle()
    (notice,) = world.inbox()
    assert b"450 4.2.0 greylisted for ever" in notice
    assert len(acts(world)) == 5 * 48 + 1
    assert acts(world)[-1][0] == "bounced"
    assert len(world.server.queue) == 0
