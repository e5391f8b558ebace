"""The hop map on real runs: which conversation wrote which field, whom DNS had named, what nobody wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from mailkit.lab.lab import Lab
from mailkit.lab.story import dmz, two_domains
from mailkit.lab.topology import Route, Topology
from mailkit.mail.received import TraceField
from mailkit.widgets import HopMap
from mailkit.widgets.hop_map import HopMapModel
from mailkit.widgets.hop_picture import details, picture
from mailkit.widgets.hop_trace import Rung
from mailkit.widgets.hop_words import MOST_RUNGS, duration, later, protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

YAMADA, GOTO = "yamada@example.com", "goto@example.co.jp"
FORGED = b"Received: from a by mail.example.com with ESMTP id A1; Mon, 06 Apr 2026 01:00:00 +0000\r\n"
LETTER = b"Subject: ten o'clock\r\n\r\nhi\r\n"


@pytest.fixture(params=["tcp", "memory"])
def start(request: pytest.FixtureRequest) -> Iterator[Callable[[Topology], Lab]]:
    started: list[Lab] = []

    def begin(world: Topology) -> Lab:
        started.append(Lab(world, name="hops", carrier=request.param).start())
        return started[-1]

    yield begin
    for lab in started:
        lab.stop()


@pytest.fixture
def lab(start: Callable[[Topology], Lab]) -> Lab:
    return start(two_domains())


def send(lab: Lab, to: str = GOTO, content: bytes = LETTER) -> None:
    with lab.host("yamada-pc").smtp("mail.example.com", 587) as client:
        client.starttls(context=lab.tls_context())
        client.login(YAMADA, lab.password(YAMADA))
        client.sendmail(YAMADA, [to], content)
    lab.settle()


def hops(lab: Lab, address: str = GOTO) -> HopMapModel:
    return HopMapModel(lab.topology, lab.transcript, lab.mailbox(address)[-1])


def fates(model: HopMapModel, leg: int) -> list[tuple[int, str, str]]:
    return [(number, host, word) for number, host, word, _ in _hop(model, leg)["mx"]]


def _hop(model: HopMapModel, leg: int) -> dict:
    strips = [part for trip in picture(model)["trips"] for part in trip["strip"]]
    return next(part for part in strips if part.get("n") == leg)


def looped() -> Topology:
    """Each company's server believes that the other one takes mail for loop.example."""
    world = two_domains()
    here, there = world.servers
    mine = here._replace(domains=(*here.domains, "loop.example"), routes=(Route("loop.example", there.host),))
    yours = there._replace(domains=(*there.domains, "loop.example"), routes=(Route("loop.example", here.host),))
    return replace(world, servers=(mine, yours))


# -- fields and hops


def test_each_field_is_of_the_conversation_that_wrote_it(lab):
    send(lab)
    model = hops(lab)
    assert [(leg.number, leg.client, leg.stop) for leg in model.legs] == [
        (1, "yamada-pc", ("mail.example.com", "A1")),
        (2, "mail.example.com", ("mail.example.co.jp", "B1")),
    ]
    assert [rung.leg for rung in model.rungs] == [2, 1]
    model.select(1)
    assert model.rung.field.by == "mail.example.com"
    assert "AUTH" in " ".join(line.text for line in model.conversation())
    assert lab.password(YAMADA) not in str(details(model))


def test_what_a_learner_looked_up_is_not_told_of_the_hop_that_hands_in(lab):
    assert lab.host("yamada-pc").lookup("example.co.jp", "MX")
    send(lab)
    assert fates(hops(lab), 1) == []
    assert fates(hops(lab), 2) == [(10, "mail.example.co.jp", "took it")]


def test_the_raw_bytes_tell_the_same_as_the_message(lab):
    send(lab)
    message = lab.mailbox(GOTO)[0]
    assert HopMapModel(lab.topology, lab.transcript, message.raw).trips == hops(lab).trips


def test_three_hops_through_a_dmz(start):
    lab = start(dmz())
    send(lab)
    model = hops(lab)
    assert [leg.stop.host for leg in model.legs] == ["mail.example.com", "relay", "mail.example.co.jp"]
    assert [rung.leg for rung in model.rungs] == [3, 2, 1]
    assert fates(model, 3) == []


def test_two_letters_in_one_mailbox_keep_their_own_fields(lab):
    send(lab)
    send(lab, content=LETTER + b"again\r\n")
    assert [leg.stop.queue_id for leg in hops(lab).legs] == ["A2", "B2"]


def test_of_many_letters_in_one_conversation_only_the_own_one_is_shown(lab):
    with lab.host("yamada-pc").smtp("mail.example.com", 25) as client:
        for number in range(20):
            client.sendmail(YAMADA, [YAMADA], b"Subject: number %d\r\n\r\nhi\r\n" % number)
    lab.settle()
    model = HopMapModel(lab.topology, lab.transcript, lab.mailbox(YAMADA)[11])
    model.select(1)
    said = [line.text for line in model.conversation()]
    assert said[0].upper().startswith("MAIL FROM:")
    assert said[-1].endswith("queued as A12")
    assert [text for text in said if "Subject" in text] == ["Subject: number 11"]


# -- what nobody wrote


def test_a_forged_field_is_nobodys_even_if_it_copies_a_real_id(lab):
    send(lab, content=FORGED + b"Received: nonsense\r\n" + LETTER)
    model = hops(lab)
    assert [rung.leg for rung in model.rungs] == [2, 1, 0, 0]
    assert "Written by nobody in this lab: 2." in model.text()
    model.select(-3)
    assert model.rung.field.queue_id == "A1"
    assert "Whoever hands a letter in" in details(model)["note"]
    assert model.conversation() == []


def test_a_copy_of_a_true_field_below_the_true_one_is_nobodys(lab):
    send(lab)
    top = lab.mailbox(GOTO)[0].raw.split(b"Received:", 2)[1]
    send(lab, content=b"Received:" + top + LETTER)
    assert [rung.leg for rung in hops(lab).rungs] == [2, 1, 0]


def test_a_message_that_was_changed_proves_nothing(lab):
    send(lab)
    raw = lab.mailbox(GOTO)[0].raw
    for other in (
        raw + b"more\r\n",
        raw.replace(b"ten", b"two"),
        b"Received: by nobody\r\n" + raw,
        LETTER,
        b"",
        b"\x00\xff",
    ):
        model = HopMapModel(lab.topology, lab.transcript, other)
        assert model.legs == []
        assert {rung.leg for rung in model.rungs} <= {0}
        assert "No server of this lab has had this message" in model.text()


def test_where_a_servers_own_field_is_missing_those_below_prove_nothing(lab):
    send(lab)
    message = lab.mailbox(GOTO)[0]
    top = message.raw.index(b"Received:")
    below = message.raw.index(b"Received:", top + 1)
    model = HopMapModel(lab.topology, lab.transcript, message._replace(raw=message.raw[:top] + message.raw[below:]))
    assert (len(model.legs), [rung.leg for rung in model.rungs]) == (2, [0])


def test_who_calls_the_receiving_server_himself_forges_everything_below(lab):
    with lab.host("goto-mobile").smtp("mail.example.co.jp", 25) as client:
        client.sendmail("", [GOTO], FORGED + LETTER)
    lab.settle()
    model = hops(lab)
    assert [(leg.client, leg.stop.host) for leg in model.legs] == [("goto-mobile", "mail.example.co.jp")]
    assert [rung.leg for rung in model.rungs] == [1, 0]


# -- whom DNS named


def test_mx_is_asked_and_the_lowest_that_answers_takes_it(start):
    world = two_domains().with_records(
        "$ORIGIN example.co.jp.\n@ MX 5 first\nfirst A 10.0.0.21\n@ MX 90 last\nlast A 10.0.0.99\n"
    )
    lab = start(world)
    send(lab)
    model = hops(lab)
    assert (model.legs[1].domain, model.legs[1].attempts) == ("example.co.jp", 1)
    assert fates(model, 2) == [
        (5, "first.example.co.jp", "no answer"),
        (10, "mail.example.co.jp", "took it"),
        (90, "last.example.co.jp", "not called"),
    ]


def test_an_exchanger_whose_address_nobody_has(start):
    lab = start(two_domains().with_records("$ORIGIN example.co.jp.\n@ MX 5 gone\ngone A 203.0.113.250\n"))
    send(lab)
    assert fates(hops(lab), 2)[0] == (5, "gone.example.co.jp", "nobody is at its address")


def test_a_letter_that_had_to_wait_says_which_attempt_it_was(lab):
    lab.switch_off("mail.example.co.jp")
    with pytest.raises(TimeoutError, match="still has A1"):
        send(lab)
    lab.switch_on("mail.example.co.jp")
    lab.advance(hours=2)
    model = hops(lab)
    assert model.legs[1].attempts > 1
    assert "attempt" in model.text()
    assert "later" in picture(model)["trips"][0]["rungs"][0]["later"]


# -- failures


def test_a_bounce_shows_the_letter_that_failed_and_who_refused_it(lab):
    send(lab, "nobody@example.co.jp")
    model = hops(lab, YAMADA)
    returned, notice = model.trips
    assert [leg.reply for leg in returned.legs] == ["", "550 5.1.1 no such user here"]
    assert [rung.leg for rung in returned.rungs] == [1]
    assert (notice.notice, notice.legs, notice.start) == (True, (), "mail.example.com")
    assert fates(model, 2) == [(10, "mail.example.co.jp", "refused it")]
    model.select(2)
    assert "550 5.1.1 no such user here" in str(details(model)["said"])
    assert HopMapModel(lab.topology, lab.transcript, model.raw).trips == model.trips


def test_a_domain_that_is_not_there(lab):
    send(lab, "x@nowhere.example")
    model = hops(lab, YAMADA)
    assert model.legs[-1].flow is None
    assert "Company A's mail server found no server for x@nowhere.example: 550 5.1.2" in model.text()
    model.select(2)
    assert details(model)["said"] == []


def test_a_loop_is_seen_and_cut_to_what_can_be_read(start):
    lab = start(looped())
    send(lab, "x@loop.example")
    model = hops(lab, YAMADA)
    returned, notice = model.trips
    assert (len(returned.legs), len(returned.rungs), sum(bool(rung.leg) for rung in returned.rungs)) == (101, 100, 100)
    assert [leg.again for leg in returned.legs[:4]] == [False, False, True, True]
    assert returned.legs[-1].reply.startswith("554 5.4.6")
    assert [leg.number for leg in notice.legs] == [102]
    drawn = picture(model)["trips"][0]
    assert (len(drawn["rungs"]), len(drawn["strip"])) == (MOST_RUNGS + 1, 20)
    assert "It went in circles." in model.text()
    assert len(model.text().splitlines()) < 100


def test_ten_thousand_fields_are_cut(lab):
    model = HopMapModel(lab.topology, lab.transcript, FORGED * 10_000 + LETTER)
    assert len(picture(model)["trips"][0]["rungs"]) == MOST_RUNGS + 1
    assert "Received fields: 10000." in model.text()


# -- words


def test_times_are_compared_across_zones():
    at = datetime(2026, 4, 6, 9, tzinfo=timezone(timedelta(hours=9)))
    west = at.astimezone(timezone(timedelta(hours=-5)))

    def between(upper: datetime | None, lower: datetime | None) -> str:
        return later(Rung(1, "", TraceField(at=upper), 0), Rung(2, "", TraceField(at=lower), 0))

    assert between(at, at) == "in the same second"
    assert between(at + timedelta(seconds=63), at) == "1 min 3 s later"
    assert between(at, west) == "in the same second; the zone changes from -0500 to +0900"
    assert between(at - timedelta(hours=2), at).startswith("2 h earlier")
    assert between(None, at) == "no time to compare"
    assert between(at.replace(tzinfo=None), at) == "one of them has no time zone"
    assert duration(86_400) == "24 h later"


def test_the_protocol_word_tells_of_tls_and_login():
    assert protocol("ESMTPSA") == "with TLS, the sender logged in"
    assert protocol("UTF8SMTP") == "in clear, nobody logged in"
    assert protocol("SMTP") == "the old SMTP, in clear, nobody logged in"
    assert protocol("UTF8SMTPS") == "with TLS, nobody logged in"
    assert protocol("HTTP") == "a word that RFC 3848 does not have"


def test_what_is_not_there_opens_nothing(lab):
    send(lab)
    model = hops(lab)
    for number in (99, -1, -99, 0):
        model.select(number)
        assert (model.selected, details(model)) == (0, {})


# -- the widget


def test_the_page_opens_and_reads_again(lab):
    with lab.host("yamada-pc").smtp("mail.example.com", 25) as client:
        client.sendmail(YAMADA, [YAMADA], LETTER)
    lab.settle()
    shown = HopMap(lab, lab.mailbox(YAMADA)[0])
    shown.selected = 1
    assert shown._details["field"].startswith("Received: from [192.168.1.10]")
    shown.selected = 7
    assert (shown.selected, shown._details) == (0, {})
    shown.selected = 1
    shown._heard(None, {"do": "refresh"}, None)
    assert shown.selected == 1
    assert "C: RCPT" in repr(shown).upper()


def test_words_and_picture_are_saved_with_a_notebook(lab):
    send(lab, content=FORGED + LETTER.replace(b"ten", b"<ten>"))
    shown = HopMap(lab, lab.mailbox(GOTO)[0])
    texts = " ".join(ElementTree.fromstring(shown.svg()).itertext())
    assert "MX 10 mail.example.co.jp: took it" in texts
    assert "nobody in this lab wrote this" in texts
    assert "<ten>" in texts
    assert HopMap(lab, b"Subject: x\r\n\r\n").svg() == ""
