"""The model of the mail-flow map, rule by rule, on transcripts written by hand."""

import dataclasses
from email.header import Header

import pytest

from mailkit.lab.story import two_domains
from mailkit.net.zones import Host, Zone
from mailkit.widgets.flow_map import FlowMapModel
from mailkit.widgets.flow_picture import picture
from mailkit.widgets.flow_places import places
from mailkit.widgets.flow_words import LONGEST

A, B, YAMADA, GOTO, MOBILE = "mail.example.com", "mail.example.co.jp", "yamada-pc", "goto-pc", "goto-mobile"
FROM, TO = "yamada@example.com", "goto@example.co.jp"


def model(run):
    return FlowMapModel(run.topology, run.transcript)


def ways(shown):
    return [(hop.caller, hop.source, hop.target, hop.port, hop.outcome) for hop in shown.hops]


class TestHosts:
    def test_a_host_with_a_mail_server_is_a_server_the_named_one_is_dns_the_others_are_pcs(self, run):
        assert {station.name: station.kind for station in model(run).stations} == {
            YAMADA: "pc", A: "server", "dns": "dns", MOBILE: "pc", B: "server", GOTO: "pc",
        }  # fmt: skip

    def test_a_host_is_called_by_its_host_name_if_it_serves_else_by_its_address(self, run):
        labels = {station.name: station.label for station in model(run).stations}
        assert (labels[A], labels[YAMADA]) == ("mail.example.com", "192.168.1.10")

    def test_a_world_without_name_server_has_no_dns_host(self, run):
        run.topology = dataclasses.replace(run.topology, zone_files=())
        assert model(run).dns == ""

    def test_the_letters_way_is_row_0_dns_stands_above_other_pcs_below(self, run):
        shown = model(run)
        assert dict(zip([station.name for station in shown.stations], places(shown), strict=True)) == {
            YAMADA: (0, 0), A: (0, 1), "dns": (-1, 0), MOBILE: (1, 0), B: (0, 0), GOTO: (0, 1),
        }  # fmt: skip

    def test_many_hosts_in_a_zone_stand_two_in_a_row(self, run):
        more = tuple(Host(f"pc-{n}", f"10.0.1.{n}", "company-b") for n in range(1, 5))
        run.topology = dataclasses.replace(run.topology, hosts=run.topology.hosts + more)
        assert places(model(run))[-4:] == [(1, 0), (1, 1), (2, 0), (2, 1)]

    def test_an_empty_zone_and_a_host_without_title_do_no_harm(self, run):
        topology = dataclasses.replace(
            run.topology,
            zones=(*run.topology.zones, Zone("spare")),
            hosts=(*run.topology.hosts, Host("bare", "10.9.9.9", "internet")),
        )
        run.topology = topology
        assert model(run).title("bare") == "bare"
        assert picture(model(run))["zones"][-1] == {"name": "spare", "title": "spare", "more": ""}


class TestNothingYet:
    def test_it_says_so(self, run):
        shown = model(run)
        assert shown.text(0) == "No letter has been sent yet."
        assert (shown.last, shown.hops, shown.envelope, shown.fields) == (0, [], [], [])

    def test_fetching_from_an_empty_mailbox_is_no_letter(self, run):
        flow = run.call(GOTO, B, 110)
        run.talk(flow, "S: +OK ready", "C: QUIT", "S: +OK bye")
        assert model(run).text(0) == "No letter has been sent yet."

    def test_a_greeting_and_a_goodbye_are_no_letter(self, run):
        flow = run.call(YAMADA, A, 587)
        run.talk(flow, "S: 220 hello", "C: EHLO pc", "S: 250 ok", "C: QUIT", "S: 221 bye")
        assert model(run).letters == []

    def test_a_transaction_that_the_client_gave_up_is_no_letter(self, run):
        flow = run.call(YAMADA, A, 587)
        run.talk(flow, "S: 220 hello", f"C: MAIL FROM:<{FROM}>", "S: 250 ok", "C: RSET", "S: 250 ok", "C: QUIT")
        assert model(run).letters == []


class TestThreeHops:
    def test_who_calls_and_where_the_letter_goes(self, whole_run):
        assert ways(model(whole_run)) == [
            (YAMADA, YAMADA, A, 587, "passed"),
            (A, A, B, 25, "passed"),
            (GOTO, B, GOTO, 143, "passed"),
        ]

    def test_each_hop_has_its_reply_and_queue_id(self, whole_run):
        hops = model(whole_run).hops
        assert [hop.reply for hop in hops] == ["250 2.0.0 queued as A1", "250 2.0.0 queued as B1", "OK fetched"]
        assert [hop.queue_id for hop in hops] == ["A1", "B1", ""]

    def test_tls_is_what_the_wire_saw(self, whole_run):
        hops = model(whole_run).hops
        assert [hop.tls for hop in hops] == [True, False, True]
        assert [hop.tls_after for hop in hops] == ["STARTTLS", "", "STARTTLS"]

    def test_tls_from_the_first_octet(self, run):
        flow = run.call(YAMADA, A, 465)
        run.talk(flow, "TLS", "S: 220 hello", f"C: MAIL FROM:<{FROM}>", "S: 550 no")
        hop = model(run).hops[0]
        assert (hop.tls, hop.tls_after) == (True, "")
        assert "TLS from the first octet" in model(run).text(0)

    def test_questions_to_dns_belong_to_the_hop_that_they_were_asked_for(self, whole_run):
        assert [[(q.kind, q.name) for q in hop.questions] for hop in model(whole_run).hops] == [
            [], [("MX", "example.co.jp"), ("A", "mail.example.co.jp")], [],
        ]  # fmt: skip

    def test_the_text(self, whole_run):
        assert model(whole_run).text(2) == "\n".join([
            "Mail-flow map, step 2 of 3: The letter is in the mailbox on Company B's mail server.",
            "Envelope, which decides delivery:",
            "   MAIL FROM:<yamada@example.com>",
            "   RCPT TO:<goto@example.co.jp>",
            "Letter, which people read:",
            "   From: Yamada <yamada@example.com>",
            "   To: goto@example.co.jp",
            "   Subject: Friday's meeting",
            "① Yamada's PC calls Company A's mail server, port 587 (SMTP), and hands the letter in.",
            "   09:00:00 · TLS after STARTTLS · 250 2.0.0 queued as A1",
            "② Company A's mail server calls Company B's mail server, port 25 (SMTP), and hands the letter over.",
            "   asked DNS: MX example.co.jp → 10 mail.example.co.jp",
            "   asked DNS: A mail.example.co.jp → 198.51.100.25",
            "   09:00:00 · no TLS: readable on the way · 250 2.0.0 queued as B1",
            "③ Goto's office PC calls Company B's mail server, port 143 (IMAP4), and fetches the letter.",
            "   09:00:00 · TLS after STARTTLS · OK fetched",
            "Company A's mail server: 0 in the queue, 0 put into mailboxes",
            "Company B's mail server: 0 in the queue, 1 put into mailboxes",
        ])  # fmt: skip

    def test_where_the_letter_is(self, whole_run):
        assert [model(whole_run).where(step) for step in range(4)] == [
            "The letter is still on Yamada's PC.",
            "The letter is in the queue of Company A's mail server as A1.",
            "The letter is in the mailbox on Company B's mail server.",
            "Goto's office PC has fetched the letter.",
        ]

    def test_time_is_the_labs_and_names_the_day_when_it_is_another(self, run):
        run.hand_in()
        run.at += 86_400
        run.relay()
        assert [model(run).clock(step) for step in range(3)] == ["09:00:00", "09:00:00", "2026-04-07 09:00:00"]


class TestFetching:
    @pytest.fixture
    def filed(self, run):
        run.hand_in()
        run.relay()
        return run

    def test_pop3_with_stuffed_dots(self, filed):
        filed.fetch_pop3(filed.stored())
        hop = model(filed).hops[2]
        assert (hop.caller, hop.port, hop.outcome, hop.reply, hop.tls) == (GOTO, 110, "passed", "+OK 300 octets", False)

    def test_nobody_has_fetched_it_yet(self, filed):
        shown = model(filed)
        assert shown.last == 2
        assert "③ Nobody has fetched the letter yet." in shown.text(2)

    def test_its_top_alone_is_not_the_letter(self, filed):
        filed.fetch_pop3(filed.stored().partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
        assert model(filed).last == 2

    def test_its_text_alone_is(self, filed):
        filed.fetch_imap(filed.stored().partition(b"\r\n\r\n")[2])
        assert model(filed).last == 3

    def test_another_letter_is_not_it(self, filed):
        filed.fetch_imap(b"From: somebody@example.org\r\n\r\nelse\r\n")
        assert model(filed).last == 2

    def test_a_second_pc_is_a_hop_of_its_own_a_second_look_is_not(self, filed):
        for host in (GOTO, MOBILE, GOTO):
            filed.fetch_imap(filed.stored(), host)
        assert [hop.caller for hop in model(filed).hops[2:]] == [GOTO, MOBILE]

    def test_a_wrong_password_leaves_it_where_it_is(self, filed):
        flow = filed.call(GOTO, B, 110)
        filed.talk(flow, "S: +OK ready", "C: USER goto", "S: +OK", "C: PASS x", "S: -ERR wrong", "C: QUIT", "S: +OK")
        shown = model(filed)
        assert (shown.hops[2].outcome, shown.hops[2].reply) == ("refused", "-ERR wrong")
        assert shown.where(3) == "The letter is still in the mailbox on Company B's mail server."

    def test_a_wrong_password_and_then_the_right_one(self, filed):
        flow = filed.call(GOTO, B, 143)
        filed.talk(flow, "S: * OK ready", "C: a1 LOGIN goto x", "S: a1 NO wrong")
        filed.fetch_imap(filed.stored())
        assert [hop.outcome for hop in model(filed).hops] == ["passed"] * 3

    def test_a_refused_imap_login_is_shown_without_the_clients_tag(self, filed):
        flow = filed.call(GOTO, B, 143)
        filed.talk(flow, "S: * OK ready", "C: XKCD1 LOGIN goto x", "S: XKCD1 NO wrong", "C: XKCD2 LOGOUT")
        filed.talk(flow, "S: * BYE", "S: XKCD2 OK bye")
        assert (model(filed).hops[2].outcome, model(filed).hops[2].reply) == ("refused", "NO wrong")

    def test_a_dropped_call_at_the_mailbox(self, filed):
        filed.call(MOBILE, B, 110, "drop")
        hop = model(filed).hops[2]
        assert (hop.outcome, hop.source, hop.target) == ("dropped", B, MOBILE)

    def test_a_call_before_it_was_filed_has_nothing_to_do_with_it(self, run):
        run.call(MOBILE, B, 110, "drop")
        run.hand_in()
        run.relay()
        assert model(run).last == 2

    def test_of_two_letters_alike_the_queue_id_tells_which(self, filed):
        filed.fetch_imap(filed.stored("B1"))
        filed.hand_in("A2")
        filed.relay("A2", "B2")
        assert model(filed).last == 2
        filed.fetch_imap(filed.stored("B2"))
        assert model(filed).last == 3


class TestStopped:
    def test_refused_at_hop_1(self, run):
        flow = run.call(YAMADA, A, 587)
        run.talk(
            flow, "S: 220 hello", f"C: MAIL FROM:<{FROM}>", "S: 250 ok", f"C: RCPT TO:<{TO}>", "S: 550 5.7.1 no relay"
        )
        shown = model(run)
        assert (shown.hops[0].outcome, shown.hops[0].reply) == ("refused", "550 5.7.1 no relay")
        assert shown.where(1) == "The letter never left Yamada's PC."
        assert shown.envelope == [f"MAIL FROM:<{FROM}>", f"RCPT TO:<{TO}>"]

    def test_the_refusal_of_the_recipient_counts_not_the_503_after_it(self, run):
        flow = run.call(YAMADA, A, 587)
        run.talk(
            flow,
            "S: 220 hello",
            f"C: MAIL FROM:<{FROM}>\r\nRCPT TO:<{TO}>\r\nDATA",
            "S: 250 ok",
            "S: 550 nobody",
            "S: 503 no",
        )
        assert model(run).hops[0].reply == "550 nobody"

    def test_refused_before_any_envelope(self, run):
        flow = run.call(YAMADA, A, 587)
        run.talk(flow, "S: 220 hello", "C: AUTH PLAIN AAAA", "S: 535 5.7.8 wrong password", "C: QUIT", "S: 221 bye")
        shown = model(run)
        assert (shown.hops[0].outcome, shown.envelope) == ("refused", [])
        assert "535 5.7.8 wrong password" in shown.text(1)

    def test_one_recipient_refused_another_taken(self, run):
        flow = run.call(YAMADA, A, 587)
        run.talk(flow, "S: 220 hello", f"C: MAIL FROM:<{FROM}>", "S: 250 ok", f"C: RCPT TO:<{TO}>", "S: 250 ok")
        run.talk(flow, "C: RCPT TO:<x@example.com>", "S: 550 nobody", "C: DATA", "S: 354 go")
        run.content(flow, b"Subject: x\r\n\r\nx\r\n")
        run.handled(A, "A1", "queued", flow, "250 ok")
        run.talk(flow, "S: 250 ok")
        assert model(run).hops[0].outcome == "passed"
        assert "   not for <x@example.com>: 550 nobody" in model(run).text(1)

    @pytest.mark.parametrize(
        ("verdict", "rule", "outcome", "words"),
        [
            ("drop", None, "dropped", "no answer. The firewall dropped the call (no rule allows it)."),
            ("drop", 3, "dropped", "no answer. The firewall dropped the call (rule 3)."),
            ("reject", 2, "rejected", "the firewall refused the call (rule 2)."),
            ("closed", None, "closed", "nobody listens there."),
            ("off", None, "off", "no answer. It is switched off."),
        ],
    )
    def test_no_conversation_at_hop_1(self, run, verdict, rule, outcome, words):
        run.call(YAMADA, B, 25, verdict, rule)
        shown = model(run)
        assert shown.hops[0].outcome == outcome
        assert f"① Yamada's PC calls Company B's mail server, port 25 (SMTP): {words}" in shown.text(1)

    def test_broken_off_in_the_middle_of_the_letter(self, run):
        flow = run.call(YAMADA, A, 587)
        run.talk(flow, "S: 220 hello", f"C: MAIL FROM:<{FROM}>", "S: 250 ok", f"C: RCPT TO:<{TO}>", "S: 250 ok")
        run.talk(flow, "C: DATA", "S: 354 go", "C: Subject: half a let")
        assert model(run).hops[0].outcome == "broken"

    def test_deferred_at_hop_2_it_waits_in_the_queue(self, run):
        run.hand_in()
        run.refused_relay("451 4.3.0 later", "deferred")
        shown = model(run)
        assert (shown.hops[1].outcome, shown.hops[1].act) == ("deferred", "deferred")
        assert shown.where(2) == "The letter waits in the queue of Company A's mail server."
        assert shown.state(2)[A].queue == (f"A1 → {TO}",)

    def test_deferred_and_then_delivered_is_one_hop(self, run):
        run.hand_in()
        run.refused_relay("451 4.3.0 later", "deferred")
        run.at += 1800
        run.relay()
        hop = model(run).hops[1]
        assert (hop.outcome, hop.attempts, hop.act, len(hop.questions)) == ("passed", 2, "", 2)
        assert "attempt 2" in model(run).text(2)
        assert "09:30:00" in model(run).text(2)

    def test_dropped_at_hop_2(self, run):
        run.hand_in()
        run.ask_and_call("drop", 4)
        run.handled(A, "A1", "deferred", None, "450 4.4.1 no answer")
        hop = model(run).hops[1]
        assert (hop.server, hop.outcome, hop.rule, hop.act, hop.reply) == (
            B,
            "dropped",
            4,
            "deferred",
            "450 4.4.1 no answer",
        )
        assert "The letter stays in the queue." in model(run).text(2)

    def test_bounced_at_hop_2(self, run):
        run.hand_in()
        run.refused_relay("550 5.1.1 no such user", "bounced")
        shown = model(run)
        assert (shown.hops[1].outcome, shown.hops[1].act) == ("refused", "bounced")
        assert shown.where(2) == "The letter came no further than Company A's mail server."
        assert picture(shown)["hops"][1]["state"] == "bounced 550"
        assert picture(shown)["hops"][1]["outcome"] == "bounced"

    def test_the_notice_is_counted_at_the_last_step(self, run):
        run.hand_in()
        run.refused_relay("550 5.1.1 no such user", "bounced")
        run.handled(A, "A2", "queued", to=FROM)
        run.handled(A, "A2", "filed", to=FROM)
        assert [model(run).state(step)[A].filed for step in range(3)] == [0, 0, 1]

    def test_no_server_was_found(self, run):
        run.hand_in()
        run.asked("example.co.jp", "MX", "0 .")
        run.handled(A, "A1", "bounced", None, "556 5.1.10 that domain takes no mail")
        shown = model(run)
        assert (shown.hops[1].server, shown.hops[1].outcome) == ("", "refused")
        assert "② Company A's mail server found no server that it could call." in shown.text(2)
        assert "556 5.1.10" in shown.text(2)


class TestSteps:
    def test_queue_and_mailbox_are_those_of_the_step(self, whole_run):
        states = [model(whole_run).state(step) for step in range(4)]
        assert [len(state[A].queue) for state in states] == [0, 1, 0, 0]
        assert [state[B].filed for state in states] == [0, 0, 1, 1]
        assert states[2][B].mailboxes == ((TO, 1),)

    def test_a_log_line_is_there_from_its_step_on(self, whole_run):
        log = model(whole_run).log(A)
        assert [step for step, _ in log] == sorted(step for step, _ in log)
        assert (1, "09:00:00 A1 <goto@example.co.jp> queued: 250 queued as A1") in log
        assert (2, "09:00:00 calls Company B's mail server, port 25") in log

    def test_dns_logs_who_asked(self, whole_run):
        log = [line for _, line in model(whole_run).log("dns")]
        assert log[0] == "09:00:00 Company A's mail server: MX example.co.jp → 10 mail.example.co.jp"

    def test_the_picture_is_plain_data_with_an_entry_for_each_step(self, whole_run):
        data = picture(model(whole_run))
        assert len(data["where"]) == len(data["text"]) == len(data["clock"]) == 4
        assert all(len(host["chips"]) == len(host["rows"]) == 4 for host in data["hosts"])
        assert [hop["asks"] for hop in data["hops"]] == ["", "MX?", ""]


class TestSeveral:
    def test_of_two_letters_the_latest_is_shown(self, whole_run):
        whole_run.hand_in("A2", b"Subject: second\r\n\r\nx\r\n")
        shown = model(whole_run)
        assert len(shown.letters) == 2
        assert shown.fields == [("Subject", "second")]
        assert shown.last == 1
        assert shown.where(1) == "The letter is in the queue of Company A's mail server as A2."
        assert shown.state(0)[B].filed == 1

    def test_two_letters_in_one_conversation(self, run):
        flow = run.call(YAMADA, A, 587)
        run.talk(flow, "S: 220 hello")
        for number, subject in ((1, b"one"), (2, b"two")):
            run.talk(
                flow, f"C: MAIL FROM:<{FROM}>", "S: 250 ok", f"C: RCPT TO:<{TO}>", "S: 250 ok", "C: DATA", "S: 354 go"
            )
            run.content(flow, b"Subject: " + subject + b"\r\n\r\nx\r\n")
            run.handled(A, f"A{number}", "queued", flow, "250 ok")
            run.talk(flow, "S: 250 ok")
        shown = model(run)
        assert [hop.queue_id for hop in shown.hops] == ["A2"]
        assert shown.fields == [("Subject", "two")]

    def test_two_recipients_on_two_servers_are_all_followed(self, run):
        run.hand_in(to=(FROM, TO))
        run.handled(A, "A1", "filed", None, f"{FROM} INBOX 1", to=FROM)
        run.relay()
        shown = model(run)
        assert [(hop.caller, hop.target) for hop in shown.hops] == [(YAMADA, A), (A, B)]
        assert shown.envelope == [f"MAIL FROM:<{FROM}>", f"RCPT TO:<{FROM}>", f"RCPT TO:<{TO}>"]

    def test_a_letter_within_one_company_needs_two_hops(self, run):
        run.hand_in(server=B)
        run.handled(B, "A1", "filed", None, f"{TO} INBOX 1")
        run.fetch_pop3(run.stored("A1"))
        assert ways(model(run)) == [(YAMADA, YAMADA, B, 587, "passed"), (GOTO, B, GOTO, 110, "passed")]


HOSTILE = [
    "<script>alert(1)</script>",
    "\u202eevil\u2066",
    "a\x1b[31mred\x07",
    "\ud83d\ude00 plain".encode("utf-16", "surrogatepass").decode("utf-16"),
    "x" * 5000,
]


class TestHostile:
    @pytest.mark.parametrize("subject", HOSTILE)
    def test_a_subject_is_text_that_cannot_act(self, run, subject):
        raw = b"Subject: " + Header(subject, "utf-8").encode(linesep="\r\n").encode() + b"\r\n\r\nx\r\n"
        run.hand_in(raw=raw)
        (name, value), *rest = model(run).fields
        assert name == "Subject"
        assert not rest
        assert len(value) <= LONGEST
        assert not any(c in value for c in "\x1b\x07\r\n\u202e\u2066")

    @pytest.mark.parametrize(
        "raw", [b"=?utf-8?B?not base64?=", b"=?no-such-charset?Q?x?=", b"\xff\xfe", b"=?utf-8?Q?=0D=0ABcc:_x?=", b""]
    )
    def test_a_broken_header_is_shown_as_it_stands(self, run, raw):
        run.hand_in(raw=b"Subject: " + raw + b"\r\n\r\nx\r\n")
        value = dict(model(run).fields)["Subject"]
        assert not set("\r\n") & set(value)

    def test_a_japanese_subject_is_decoded(self, run):
        run.hand_in(raw=b"Subject: =?ISO-2022-JP?B?GyRCNmJNS0Z8GyhC?=\r\n\r\nx\r\n")
        assert model(run).fields == [("Subject", "金曜日")]

    def test_envelope_reply_and_question_are_harmless_too(self, run):
        path = "\u202e\x1bmoc@example.net"
        run.hand_in(to=(path,))
        run.asked(f"\u202e{path}", "MX")
        run.handled(A, "A1", "bounced", None, "550 \x1b[2J" + "y" * 900, to=path)
        shown = model(run)
        words = repr(picture(shown)) + shown.text(2)
        assert not set("\x1b\u202e") & set(words)
        assert "y" * LONGEST not in words

    def test_half_a_conversation_breaks_nothing(self, run):
        flow = run.call(YAMADA, A, 587)
        run.talk(flow, b"garbage\x00\xff", "C: ", "S: ", "C: MAIL", b"250\r\n" * 9, "C: DATA")
        model(run).text(0)

    def test_a_server_that_answers_nothing_to_the_call(self, run):
        run.call(YAMADA, A, 587)
        assert model(run).letters == []


def test_fifty_hosts_and_ten_thousand_lines_are_read_once(run):
    hosts = tuple(Host(f"pc-{n}", f"10.1.0.{n}", "company-b") for n in range(1, 45))
    run.topology = dataclasses.replace(two_domains(), hosts=two_domains().hosts + hosts)
    for number in range(1, 200):
        run.hand_in(f"A{number}", b"Subject: %d\r\n\r\n%d\r\n" % (number, number))
    data = picture(model(run))
    assert len(data["hosts"]) == 12
    assert data["zones"][2]["more"] == "and 38 hosts more"
    assert all(len(host["log"]) <= 100 for host in data["hosts"])
