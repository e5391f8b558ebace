"""The model of the ladder, rule by rule, on transcripts written by hand."""

import base64

import pytest

from mailkit.trace.transcript import Disturbed
from mailkit.widgets.ladder import LadderModel
from mailkit.widgets.ladder_bytes import covered, parts
from mailkit.widgets.ladder_picture import SHEET, head, row_data, sheet
from mailkit.widgets.ladder_svg import svg

A, B, YAMADA, GOTO = "mail.example.com", "mail.example.co.jp", "yamada-pc", "goto-pc"
PLAIN = base64.b64encode(b"\0yamada\0sakura-mochi").decode()


@pytest.fixture
def ladder(run):
    """`ladder(25, "S: 220 hi", …)` is the ladder of one conversation at that port."""

    def make(port, *lines):
        run.talk(run.call(YAMADA, A, port), *lines)
        return LadderModel(run.topology, run.transcript)

    return make


def rows(model):
    return [(row.by or row.kind, row.text) for row in model.rows]


def opened(model, text):
    """The details of the first row with that text."""
    model.select(next(row.number for row in model.rows if text in row.text))
    return model.details()


class TestRows:
    def test_each_line_is_a_row_with_who_said_it_to_whom(self, ladder):
        model = ladder(25, "S: 220 hi", "C: EHLO pc", "S: 250-hi", "S: 250 HELP")
        assert [(row.source, row.target) for row in model.rows[1:3]] == [(A, YAMADA), (YAMADA, A)]
        assert rows(model)[1:] == [("S", "220 hi"), ("C", "EHLO pc"), ("S", "250-hi"), ("S", "250 HELP")]
        assert model.rows[1].raw == b"220 hi\r\n"

    def test_a_line_that_came_in_pieces_is_one_row_and_one_without_end_comes_with_the_close(self, run):
        flow = run.call(YAMADA, A, 25)
        for piece in (b"220 ", b"hi\r\n22"):
            run.talk(flow, piece)
        model = LadderModel(run.topology, run.transcript)
        assert rows(model)[1:] == [("S", "220 hi")]
        run.close(flow)
        model.read()
        assert rows(model)[2:] == [("S", "22"), ("end", "the conversation is over")]

    def test_a_message_is_one_row_and_its_dot_another(self, run):
        run.hand_in(raw=b"Subject: x\r\n\r\n.dot\r\nQUIT\r\n")
        model = LadderModel(run.topology, run.transcript)
        (message,) = [row for row in model.rows if row.kind == "message"]
        assert message.raw == b"Subject: x\r\n\r\n..dot\r\nQUIT\r\n"
        assert message.text == "4 lines of a message, 27 octets"
        assert model.rows[message.number].text == "."

    def test_pop3_messages_are_folded_lists_are_not(self, ladder):
        model = ladder(
            110, "S: +OK hi", "C: LIST", b"+OK\r\n1 20\r\n.\r\n", "C: RETR 1", b"+OK\r\nSubject: x\r\n\r\n..\r\n.\r\n",
            "C: STAT", "S: +OK 1 20",
        )  # fmt: skip
        assert rows(model)[2:] == [
            ("C", "LIST"), ("S", "+OK"), ("S", "1 20"), ("S", "."),
            ("C", "RETR 1"), ("S", "+OK"), ("S", "3 lines of a message, 18 octets"), ("S", "."),
            ("C", "STAT"), ("S", "+OK 1 20"),
        ]  # fmt: skip

    def test_a_refused_retr_has_no_message(self, ladder):
        model = ladder(110, "S: +OK hi", "C: RETR 9", "S: -ERR none", "C: STAT", "S: +OK 1 20")
        assert rows(model)[3:] == [("S", "-ERR none"), ("C", "STAT"), ("S", "+OK 1 20")]

    def test_an_imap_literal_is_counted_whatever_is_in_it(self, ladder):
        model = ladder(
            143, "S: * OK hi", "C: a FETCH 1 BODY[]", b"* 1 FETCH (BODY[] {9}\r\na OK x\r\n\r)\r\na OK done\r\n"
        )
        assert [row.raw for row in model.rows[3:]] == [
            b"* 1 FETCH (BODY[] {9}\r\n", b"a OK x\r\n\r", b")\r\n", b"a OK done\r\n",
        ]  # fmt: skip

    def test_an_append_is_a_command_a_literal_and_the_rest(self, ladder):
        model = ladder(
            143, "S: * OK hi", "C: a APPEND INBOX {14}", "S: + go", "C: Subject: x", "C: \r\n", "S: a OK done",
            "C: b NOOP",
        )  # fmt: skip
        kinds = [(row.by, row.kind) for row in model.rows[2:]]
        assert kinds[:3] == [("C", "line"), ("S", "line"), ("C", "message")]
        assert opened(model, "a OK done").answers == "answers row 3: a APPEND INBOX {14}"

    def test_a_literal_that_is_refused_does_not_swallow_the_next_command(self, ladder):
        model = ladder(143, "S: * OK hi", "C: a APPEND INBOX {999}", "S: a NO too large", "C: b NOOP", "S: b OK")
        assert rows(model)[3:] == [("S", "a NO too large"), ("C", "b NOOP"), ("S", "b OK")]

    @pytest.mark.parametrize(
        ("verdict", "rule", "words"),
        [
            ("accept", 1, "Yamada's PC calls Company A's mail server, port 25 (SMTP)"),
            ("drop", 2, "no answer. The firewall dropped it (rule 2)."),
            ("reject", None, "the firewall refused it (no rule allows it)."),
            ("closed", 1, "nobody listens there."),
        ],
    )
    def test_a_call_says_what_came_of_it(self, run, verdict, rule, words):
        run.call(YAMADA, A, 25, verdict, rule)
        (row,) = LadderModel(run.topology, run.transcript).rows
        assert row.kind == ("call" if verdict == "accept" else verdict)
        assert row.text.endswith(words)

    def test_questions_faults_tls_and_what_a_server_does_have_rows(self, run):
        run.relay()
        flow = run.call(YAMADA, A, 25)
        run.talk(flow, "TLS", "C: NOOP")
        run.transcript.append(Disturbed(run.at, flow, "hang-up", "the line was cut", "", b""))
        model = LadderModel(run.topology, run.transcript)
        kinds = {row.kind: row for row in model.rows}
        assert (kinds["dns"].source, kinds["dns"].target) == (A, "dns")
        assert kinds["note"].source == B or kinds["note"].source == A
        assert kinds["fault"].text == "fault: the line was cut"
        assert model.rows[-2].encrypted
        assert kinds["tls"].number == model.rows[-3].number

    def test_it_reads_on_where_it_stopped(self, run):
        model = LadderModel(run.topology, run.transcript)
        assert (model.rows, model.text()) == ([], "Nobody has called anybody yet.")
        run.hand_in()
        assert model.read()
        count = model.total
        assert not model.read()
        run.relay()
        model.read()
        assert model.total > count
        assert [row.number for row in model.rows] == list(range(1, model.total + 1))


class TestReplies:
    def test_pipelined_replies_belong_to_their_commands_in_order(self, ladder):
        model = ladder(
            25, "S: 220 hi", "C: MAIL FROM:<a@b>", "C: RCPT TO:<c@d>", "C: DATA", "S: 250-one", "S: 250 one",
            "S: 550 no", "S: 503 no",
        )  # fmt: skip
        assert [row.answers for row in model.rows[5:]] == [3, 3, 4, 5]

    def test_imap_goes_by_the_tag(self, ladder):
        model = ladder(143, "S: * OK hi", "C: a NOOP", "C: b NOOP", "S: b OK", "S: * 1 EXISTS", "S: a OK")
        assert [row.answers for row in model.rows[4:]] == [4, 0, 3]


class TestMeaning:
    @pytest.mark.parametrize(
        ("port", "line", "sentence", "rfc"),
        [
            (25, "C: rcpt to:<a@b>", "One recipient", "RFC 5321 §4.1.1.3"),
            (25, "S: 550 250 all is well", "Refused for good", "RFC 5321 §4.2.3"),
            (25, "S: 499 never heard of", "Not now.", "RFC 5321 §4.2.1"),
            (25, "S: 250-SIZE", "One line of a reply of several", "RFC 5321 §4.2.1"),
            (110, "C: RETR 1", "Fetch one whole message", "RFC 1939 §5"),
            (110, "S: -ERR +OK", "No. POP3 does not say", "RFC 1939 §3"),
            (143, "C: a9 fetch 1 FLAGS", "Fetch parts", "RFC 9051 §6.4.5"),
            (143, "S: a9 NO OK", "it failed", "RFC 9051 §7.1.2"),
            (143, "S: * 3 EXISTS", "So many messages", "RFC 9051 §7.4.1"),
            (143, "S: * OK [UIDNEXT 2] x", "no command ends with it", "RFC 9051 §7.1.1"),
            (143, "S: + go", "waits for the rest", "RFC 9051 §7.6"),
        ],
    )
    def test_the_verb_or_the_code_decides(self, ladder, port, line, sentence, rfc):
        model = ladder(port, line)
        found = model.meaning(model.rows[-1])
        assert sentence in found.sentence
        assert found.rfc == rfc

    def test_an_unknown_verb_means_nothing_known(self, ladder):
        model = ladder(110, "C: XYZZY")
        assert model.meaning(model.rows[-1]) == ("", "")

    @pytest.mark.parametrize(
        ("port", "line", "tone"),
        [
            (25, "451 no", "wait"),
            (25, "550 no", "no"),
            (25, "250 550", ""),
            (110, "-ERR", "no"),
            (143, "a BAD x", "no"),
        ],
    )
    def test_only_exceptions_have_a_colour_and_a_word(self, ladder, port, line, tone):
        model = ladder(port, f"S: {line}")
        data = row_data(model, model.rows[-1])
        assert (data["tone"], bool(data["chip"])) == (tone, bool(tone))


class TestSecrets:
    def test_a_password_is_covered_in_the_row_its_bytes_and_its_decoding(self, ladder):
        model = ladder(587, "S: 220 hi", f"C: AUTH PLAIN {PLAIN}", "S: 235 in")
        shown = opened(model, "AUTH")
        said = repr((shown.parts, shown.cells, shown.decoded, model.text(), svg(model), sheet(model, 0)))
        assert PLAIN not in said
        assert "sakura" not in said
        assert shown.hidden
        assert [cell[0] for cell in shown.cells[-11:]] == ["20", *["··"] * 8, "0d", "0a"]
        assert [part.text for part in shown.decoded] == ["NUL", "yamada", "NUL", "********"]

    def test_on_request_it_is_there_but_never_in_the_words(self, ladder):
        model = ladder(587, "S: 220 hi", f"C: AUTH PLAIN {PLAIN}")
        model.secrets_shown = True
        shown = opened(model, "AUTH")
        assert [part.text for part in shown.decoded] == ["NUL", "yamada", "NUL", "sakura-mochi"]
        assert row_data(model, model.rows[-1])["text"] == f"AUTH PLAIN {PLAIN}"
        assert PLAIN not in model.text()

    def test_the_servers_question_in_base64_is_decoded(self, ladder):
        model = ladder(587, "C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6", "C: eWFtYWRh", "S: 334 UGFzc3dvcmQ6")
        assert [part.text for part in opened(model, "334 VXN").decoded] == ["Username:"]

    @pytest.mark.parametrize("line", ["C: QUIT", "C: NOOP", "S: 220 abcd", "S: 250 abcd"])
    def test_what_only_looks_like_base64_is_not_decoded(self, ladder, line):
        model = ladder(25, line)
        model.select(2)
        assert model.details().decoded is None

    def test_an_imap_password_in_a_literal_is_covered(self, ladder):
        model = ladder(143, "S: * OK hi", "C: a LOGIN yamada {6}", "S: + go", "C: sakura")
        assert "sakura" not in model.text()
        assert rows(model)[-2] == ("C", "********")

    def test_what_is_no_plain_is_covered_whole(self):
        assert covered(b"user=a\1auth=Bearer x\1\1") == b"********"


class TestBytes:
    def test_what_cannot_be_seen_has_a_name(self):
        found = parts("a\0b\r\n\u202eé".encode() + b"\xff")
        assert [part.text for part in found] == ["a", "NUL", "b", "CR", "LF", "U+202E", "é", "0xFF"]
        assert [part.named for part in found] == [False, True, False, True, True, True, False, True]

    def test_a_line_shows_its_crlf_and_its_octets(self, ladder):
        shown = opened(ladder(25, "C: QUIT"), "QUIT")
        assert [cell[0] for cell in shown.cells] == ["51", "55", "49", "54", "0d", "0a"]
        assert shown.cells[-2:] == [("0d", "CR", True), ("0a", "LF", True)]
        assert shown.octets == 6


class TestFilter:
    def test_by_host_a_row_has_one_end_there(self, whole_run):
        model = LadderModel(whole_run.topology, whole_run.transcript)
        model.show([GOTO])
        assert model.rows
        assert {row.call for row in model.rows} == {3}
        assert [lane.name for lane in model.lanes] == [B, GOTO]

    def test_by_conversation(self, whole_run):
        model = LadderModel(whole_run.topology, whole_run.transcript)
        model.show(conversation=2)
        assert {row.call for row in model.rows} == {2}
        model.show()
        assert len(model.rows) == model.total

    def test_new_rows_pass_the_same_filter(self, run):
        run.hand_in()
        model = LadderModel(run.topology, run.transcript)
        model.show([GOTO])
        run.relay()
        model.read()
        assert model.rows == []
        run.fetch_pop3(run.stored())
        model.read()
        assert {row.source for row in model.rows} == {GOTO, B}

    def test_an_open_row_that_is_not_shown_any_more_is_closed(self, whole_run):
        model = LadderModel(whole_run.topology, whole_run.transcript)
        model.select(3)
        model.show([GOTO])
        assert model.selected == 0
        model.select(3)
        assert model.selected == 0

    def test_unknown_hosts_and_conversations_are_named(self, run):
        model = LadderModel(run.topology, run.transcript)
        with pytest.raises(ValueError, match="no host 'nobody'; hosts: yamada-pc"):
            model.show(["nobody"])
        with pytest.raises(IndexError, match="no conversation 4; so far there are 0"):
            model.show(conversation=4)

    @pytest.mark.parametrize("number", [-1, 0, 10_000])
    def test_no_row_of_that_number_is_none_open(self, whole_run, number):
        model = LadderModel(whole_run.topology, whole_run.transcript)
        model.select(number)
        assert model.details() is None


class TestWordsAndPicture:
    def test_the_words_go_conversation_by_conversation(self, run):
        first, second = run.call(YAMADA, A, 25), run.call(GOTO, B, 110)
        run.talk(first, "S: 220 hi")
        run.talk(second, "S: +OK hi")
        run.talk(first, "C: QUIT")
        assert LadderModel(run.topology, run.transcript).text().splitlines() == [
            "Ladder: 5 of 5 rows, 2 conversations",
            "① 09:00:00 Yamada's PC calls Company A's mail server, port 25 (SMTP)",
            "   ← 220 hi",
            "   → QUIT",
            "② 09:00:00 Goto's office PC calls Company B's mail server, port 110 (POP3)",
            "   ← +OK hi",
        ]

    def test_long_runs_are_cut_and_say_so(self, whole_run):
        model = LadderModel(whole_run.topology, whole_run.transcript)
        assert model.text(3).splitlines()[-1] == f"… and {model.total - 3} rows more"
        assert len(model.text(None).splitlines()) == model.total + 1
        assert f"… and {model.total - 3} rows more" in svg(model, 3)

    def test_the_picture_is_markup_that_holds_hostile_text_as_text(self, run):
        from xml.etree import ElementTree

        run.hand_in(raw=b"x\r\n")
        run.talk(run.call(YAMADA, A, 25), "C: <script>alert(1)</script> \u202e\x1b & ]]>")
        model = LadderModel(run.topology, run.transcript)
        root = ElementTree.fromstring(svg(model))
        texts = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
        assert any("<script>alert(1)</script>" in (text or "") for text in texts)
        assert not list(root.iter("{http://www.w3.org/2000/svg}script"))
        assert "\u202e" not in svg(model)

    def test_no_rows_no_picture(self, run):
        assert svg(LadderModel(run.topology, run.transcript)) == ""

    def test_ten_thousand_lines_come_sheet_by_sheet(self, run):
        run.talk(run.call(YAMADA, A, 25), b"250 ok\r\n" * 10_000)
        model = LadderModel(run.topology, run.transcript)
        assert head(model)["count"] == 10_001
        assert [row["n"] for row in sheet(model, 2)] == list(range(2 * SHEET + 1, 3 * SHEET + 1))
        assert len(sheet(model, 10_001 // SHEET)) == 1
        assert sheet(model, 99) == []
