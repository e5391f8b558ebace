"""Envelope and letter on real servers, over TCP and in memory: each line's place, what each way of writing proves."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from mailkit.lab.lab import Lab
from mailkit.lab.story import dmz, two_domains
from mailkit.lab.topology import User
from mailkit.net.clock import MORNING
from mailkit.trace.dialogue import Line
from mailkit.trace.transcript import Flow
from mailkit.widgets import EnvelopeAndLetter
from mailkit.widgets.letter import LetterModel
from mailkit.widgets.letter_lines import MOST_TEXT, cut
from mailkit.widgets.letter_picture import picture
from mailkit.widgets.letter_post import Draft, first_draft, tidied
from mailkit.widgets.letter_words import not_reached, outcome, reason, remarks

if TYPE_CHECKING:
    from collections.abc import Iterator

YAMADA, GOTO = "yamada@example.com", "goto@example.co.jp"
FLOW = Flow(1, "pc", "192.0.2.1", "mail", "192.0.2.2", 25)
HOSTILE = "<img src=x onerror=alert(1)>\u202egnp.exe\x1b[31m\x00"


@pytest.fixture(params=["tcp", "memory"])
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    with Lab(two_domains(), name="letter", carrier=request.param) as started:
        yield started


@pytest.fixture
def model(lab: Lab) -> LetterModel:
    return LetterModel(lab, YAMADA)


@pytest.fixture
def sent(model: LetterModel) -> LetterModel:
    model.send()
    return model


def send(model: LetterModel, **changes: object) -> LetterModel:
    model.send(model.draft._replace(**changes))
    return model


def places(*dialogue: str) -> list[str]:
    """`C: …` and `S: …` lines; where each belongs."""
    return [line.place for line in cut(Line(FLOW, text[0], text[3:], False) for text in dialogue).lines]


def proved(model: LetterModel) -> str:
    return " ".join(sentence for copy in model.arrived for sentence in remarks(model, copy))


# -- where a line belongs


def test_every_line_of_a_real_letter_has_its_place(sent):
    kinds = [(line.kind, line.place) for line in sent.cut.lines]
    assert kinds == [
        ("mail", "envelope"), ("reply", "neither"), ("rcpt", "envelope"), ("reply", "neither"), ("data", "neither"),
        ("go-ahead", "neither"), *[("field", "header")] * 5, ("border", "neither"), *[("text", "body")] * 3,
        ("end", "neither"), ("verdict", "neither"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("letter", "expected"),
    [
        (["From: a", "", "text", "."], "header neither body neither"),
        (["From: a", " goes on", "", "."], "header header neither neither"),
        (["Subject: a", "", "From: this is text", "", "..", "."], "header neither body body body neither"),
        (["no header at all", "From: a", "."], "body body neither"),
        (["", "RCPT TO:<b>", "."], "neither body neither"),
    ],
)
def test_the_first_empty_line_parts_header_and_body(letter, expected):
    talk = ["S: 250 ok", "C: MAIL FROM:<a>", "S: 250 ok", "C: DATA", "S: 354 go", *(f"C: {line}" for line in letter)]
    talk += ["S: 250 ok", "C: QUIT", "S: 221 bye"]
    assert " ".join(places(*talk)[4:-1]) == expected


def test_pipelined_commands_and_a_refused_recipient_are_envelope_all_the_same():
    talk = ["C: EHLO pc", "S: 250 hello", "C: MAIL FROM:<a>", "C: RCPT TO:<b>", "C: RCPT TO:<c>", "C: DATA"]
    replies = ["S: 250 ok", "S: 550 no", "S: 250 ok", "S: 354 go", "C: To: x", "C: .", "S: 250-two", "S: 250 lines"]
    found = places(*talk, *replies, "C: QUIT")
    assert found[:4] == ["envelope", "envelope", "envelope", "neither"]
    assert found[-4:] == ["header", "neither", "neither", "neither"]
    assert len(found) == 12


def test_a_long_body_is_cut_and_its_end_stays():
    talk = ["C: MAIL FROM:<a>", "S: 250 ok", "C: DATA", "S: 354 go", "C: A: b", "C: ", *["C: text"] * 500, "C: ."]
    found = cut(Line(FLOW, text[0], text[3:], False) for text in [*talk, "S: 250 ok"])
    assert (len(found.lines), found.left_out) == (8 + MOST_TEXT, 500 - MOST_TEXT)
    assert [line.kind for line in found.lines[-2:]] == ["end", "verdict"]


def test_each_line_says_why_and_where_that_is_written(sent):
    for line in sent.cut.lines:
        why = reason(line)
        assert why.text.endswith(".")
        assert why.rfc.startswith("RFC 5")


# -- sorting


def test_sorting_tells_right_from_not_yet_and_keeps_the_latest_try(sent):
    assert not sent.put(1, "header")
    assert "Not in “Header”. MAIL FROM is the return address on the envelope." in picture(sent)["lines"][0]["why"]
    assert sent.put(1, "envelope")
    assert picture(sent)["sheets"]["envelope"] == ["mail FROM:<yamada@example.com>"]
    assert [line.number for line in sent.sorted_lines] == [1]
    sent.begin_again()
    assert sent.sorted_lines == []
    sent.reveal()
    assert "All 17 lines" in sent.text()


def test_the_page_cannot_tell_where_a_line_belongs_before_it_is_put_there(sent):
    assert {(line["put"], line["right"], line["why"]) for line in picture(sent)["lines"]} == {("", False, "")}
    assert picture(sent)["sheets"] == {"envelope": [], "header": [], "body": []}


def test_no_such_line_or_place(sent):
    with pytest.raises(IndexError, match="no line 99; lines: 1 to 17"):
        sent.put(99, "body")
    with pytest.raises(ValueError, match="no place 'attic'"):
        sent.put(1, "attic")


# -- what arrives


def test_before_the_first_letter_it_says_so(model):
    assert "No letter has been handed in yet" in model.text()
    assert picture(model)["there"] is False


def test_a_letter_arrives_with_the_servers_fields_on_top(sent, lab):
    (copy,) = sent.arrived
    assert (copy.address, copy.uid) == (GOTO, 1)
    origins = [(name, origin) for name, _, origin in copy.fields]
    assert origins[:3] == [("Return-Path", "server"), ("Received", "server"), ("Received", "server")]
    assert {origin for _, origin in origins[3:]} == {"you"}
    assert len(lab.mailbox(GOTO)) == 1
    assert proved(sent) == ""


def test_to_does_not_decide(model, lab):
    send(model, to="somebody@example.org")
    assert len(lab.mailbox(GOTO)) == 1
    assert "Neither To nor Cc names this mailbox" in proved(model)
    assert not_reached(model) == ["The header names somebody@example.org, the envelope does not: nothing went there."]


def test_bcc_in_the_header_is_seen_by_all_and_on_the_envelope_alone_by_nobody(model, lab):
    send(model, bcc=YAMADA)
    assert b"Bcc: yamada@example.com" in lab.mailbox(GOTO)[0].raw
    assert "Bcc can be read here" in proved(model)
    assert len(lab.mailbox(YAMADA)) == 0
    send(model, bcc="", rcpt_to=(GOTO, YAMADA))
    assert [copy.address for copy in model.arrived] == [GOTO, YAMADA]
    assert b"Bcc" not in lab.mailbox(YAMADA)[0].raw
    assert "so works a blind copy" in proved(model)


def test_from_may_claim_anything_and_return_path_tells_the_envelope(model, lab):
    send(model, from_="Boss <boss@example.com>")
    assert b"Return-Path: <yamada@example.com>" in lab.mailbox(GOTO)[0].raw
    assert "From says something else, and nobody on the way minded." in proved(model)


def test_a_failure_comes_back_to_mail_from(model):
    send(model, rcpt_to=(GOTO, "nobody@example.co.jp"))
    assert [(copy.address, copy.bounce) for copy in model.arrived] == [(GOTO, False), (YAMADA, True)]
    assert "It went to MAIL FROM" in proved(model)


def test_a_letter_that_waits_is_said_to_wait_and_is_found_when_it_comes(model, lab):
    lab.switch_off("mail.example.co.jp")
    send(model)
    assert "mail.example.com still has A1" in model.problem
    assert model.arrived == []
    model.put(1, "envelope")
    lab.switch_on("mail.example.co.jp")
    lab.advance(hours=1)
    model.look()
    assert [copy.address for copy in model.arrived] == [GOTO]
    assert len(model.sorted_lines) == 1


def test_what_the_server_refuses_is_told(model):
    send(model, rcpt_to=("nobody at all",))
    assert any("was refused: 5" in sentence for sentence in outcome(model))
    assert model.arrived == []


def test_a_copy_that_was_deleted_is_said_to_be_gone(sent, lab):
    client = lab.host("goto-pc").pop3("mail.example.co.jp")
    client.stls(context=lab.tls_context())
    client.user("goto")
    client.pass_(lab.password(GOTO))
    client.dele(1)
    client.quit()
    assert "deleted" in proved(sent)


def test_a_letter_sent_by_any_program_can_be_sorted(lab, model):
    with lab.host("yamada-pc").smtp("mail.example.com", 25) as client:
        client.sendmail(YAMADA, [YAMADA], "Subject: by hand\r\n\r\nHello\r\n")
    lab.settle()
    model.look()
    assert [line.text for line in model.cut.lines if line.place == "header"] == ["Subject: by hand"]
    assert [copy.address for copy in model.arrived] == [YAMADA]


def test_a_stopped_lab_gives_a_sentence(lab, model):
    lab.stop()
    model.send()
    assert "this lab is not running" in model.problem


# -- writing


def test_a_line_end_in_a_field_begins_no_new_one():
    draft = tidied(Draft("a@b\r\nRCPT TO:<c>", ("x@y\r\nDATA",), "a\r\nBcc: b", "b", "", "s\nX: y", "text"))
    header = draft.content("<1@pc>", MORNING).split(b"\r\n\r\n")[0]
    assert [line.split(b":")[0] for line in header.split(b"\r\n")] == [
        b"Date",
        b"From",
        b"To",
        b"Subject",
        b"Message-ID",
    ]
    assert draft.mail_from == "a@b RCPT TO:<c>"
    assert draft.rcpt_to == ("x@yDATA",)


def test_words_beyond_ascii_are_encoded_and_arrive(model, lab):
    send(model, subject="金曜日の会議", from_="山田 <yamada@example.com>", body="十時に\n")
    raw = lab.mailbox(GOTO)[0].raw
    assert "十時に".encode() in raw
    assert b"<yamada@example.com>" in raw
    assert raw.split(b"\r\n\r\n")[0].isascii()


def test_hostile_text_can_do_nothing(model):
    send(model, subject=HOSTILE, body=HOSTILE, to=f'"{HOSTILE}" <x@y.example>', bcc=HOSTILE)
    model.reveal()
    shown = model.text() + str(picture(model))
    assert not set("\u202e\x1b\x00") & set(shown)
    assert "<img src=x" in shown


def test_the_sender_has_a_pc_and_a_server_in_every_world():
    with Lab(dmz(), name="letter", carrier="memory") as lab:
        counters = {user.address: LetterModel(lab, user.address).counter for user in lab.topology.users()}
        assert counters[GOTO].host == "goto-pc"
        assert {counter.port for counter in counters.values()} == {587}
        with pytest.raises(ValueError, match="no PC 'relay' to send from; there are: yamada-pc"):
            LetterModel(lab, GOTO, host="relay")
        with pytest.raises(LookupError, match="nobody has the mailbox"):
            LetterModel(lab, "nobody@example.com")


def test_the_first_letter_is_to_somebody_else():
    world = two_domains(User("a@one.example", "A"), User("b@two.example"))
    assert first_draft(world, "a@one.example")[:4] == (
        "a@one.example",
        ("b@two.example",),
        "A <a@one.example>",
        "b@two.example",
    )


# -- the widget


def test_the_page_sorts_writes_and_sends(lab):
    shown = EnvelopeAndLetter(lab, YAMADA)
    heard = shown._heard
    heard(None, {"do": "send", "draft": {"rcpt_to": f"{GOTO}, {YAMADA}\n", "subject": "from the page", "x": 1}}, None)
    assert [copy["key"] for copy in shown._picture["copies"]] == [f"{GOTO} 1", f"{YAMADA} 1"]
    assert b"Subject: from the page" in lab.mailbox(GOTO)[0].raw
    heard(None, {"do": "put", "line": 1, "place": "envelope"}, None)
    heard(None, {"do": "put", "line": 10**9, "place": "envelope"}, None)
    heard(None, {"do": "put", "line": 2, "place": "attic"}, None)
    heard(None, {"do": "nothing known"}, None)
    assert shown._picture["lines"][0]["right"]
    assert shown._picture["progress"].startswith("1 of ")
    before = shown._picture
    heard(None, {"do": "refresh"}, None)
    assert shown._picture != before


def test_words_and_picture_are_saved_with_a_notebook(lab):
    shown = EnvelopeAndLetter(lab, YAMADA)
    assert shown.svg() == ""
    shown.send(subject="<script>")
    shown.reveal()
    texts = [text.text for text in ElementTree.fromstring(shown.svg()).iter("{http://www.w3.org/2000/svg}text")]
    assert "Subject: <script>" in texts
    assert "rcpt TO:<goto@example.co.jp>" in texts
    assert "Bcc" not in repr(shown)
