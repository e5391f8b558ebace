"""A world that runs: the letter's way, time, sentences for what goes wrong, and what is left behind: nothing."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import dataclasses
import email
import email.policy
import smtplib
import socket
import ssl
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailkit.lab.lab import Lab, StillWaiting
from mailkit.lab.settling import SETTLE_SECONDS
from mailkit.lab.story import two_domains
from mailkit.lab.topology import MailServer, Topology, User
from mailkit.net.clock import MORNING
from mailkit.net.zones import Rule
from mailkit.server.faults import Delay
from mailkit.trace.transcript import Closed, Dialled, Handled, Said

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., Lab]
    Submit = Callable[..., None]

YAMADA, GOTO = "yamada@example.com", "goto@example.co.jp"
COMPANY_A, COMPANY_B = "mail.example.com", "mail.example.co.jp"
OPEN_FILES = Path("/proc/self/fd")


def changed(server: str, **changes: object) -> Topology:
    """Two domains, but this server is different."""
    world = two_domains()
    servers = [s._replace(**changes) if s.host == server else s for s in world.servers]  # type: ignore[arg-type]
    return dataclasses.replace(world, servers=tuple(servers))


# -- the letter


def test_the_letter_arrives_as_it_was_sent_below_what_each_hop_put_on_top(
    lab: Lab, submit: Submit, letter: bytes
) -> None:
    submit(lab)
    lab.settle()
    (message,) = lab.mailbox(GOTO)
    assert message.raw == (
        b"Return-Path: <yamada@example.com>\r\n"
        b"Received: from mail.example.com (mail.example.com [192.0.2.25])\r\n"
        b"\tby mail.example.co.jp with ESMTP id B1 for <goto@example.co.jp>;\r\n"
        b"\tMon, 06 Apr 2026 09:00:00 +0900\r\n"
        b"Received: from [192.168.1.10] (yamada-pc [192.168.1.10])\r\n"
        b"\tby mail.example.com with ESMTPSA id A1 for <goto@example.co.jp>;\r\n"
        b"\tMon, 06 Apr 2026 09:00:00 +0900\r\n"
        b"Date: Mon, 06 Apr 2026 09:00:00 +0900\r\n"
        b"Message-ID: <A1.20260406090000@mail.example.com>\r\n" + letter
    )
    assert message.received_at == MORNING


def test_poplib_and_imaplib_read_the_same_bytes_that_the_mailbox_holds(lab: Lab, submit: Submit) -> None:
    submit(lab)
    lab.settle()
    (message,) = lab.mailbox(GOTO)
    with lab.host("goto-pc").imap(COMPANY_B) as imap:
        imap.starttls(ssl_context=lab.tls_context())
        imap.login("goto", lab.password(GOTO))
        imap.select("INBOX")
        _, data = imap.fetch("1", "(RFC822)")
        assert data[0][1] == message.raw  # type: ignore[index]
    pop = lab.host("goto-pc").pop3(COMPANY_B)
    pop.stls(context=lab.tls_context())
    pop.user("goto")
    pop.pass_(lab.password(GOTO))
    assert b"\r\n".join([*pop.retr(1)[1], b""]) == message.raw
    pop.dele(1)
    pop.quit()
    lab.settle()
    assert lab.mailbox(GOTO) == ()


def test_a_letter_to_a_colleague_stays_in_the_house(lab: Lab, submit: Submit) -> None:
    submit(lab, to=(YAMADA,))
    lab.settle()
    assert len(lab.mailbox(YAMADA)) == 1
    assert [flow.server for flow in lab.transcript.flows()] == [COMPANY_A]


def test_a_letter_to_both_goes_both_ways(lab: Lab, submit: Submit) -> None:
    submit(lab, to=(GOTO, YAMADA))
    lab.settle()
    assert len(lab.mailbox(YAMADA)) == len(lab.mailbox(GOTO)) == 1
    assert b"with ESMTPSA id A1;\r\n" in lab.mailbox(YAMADA)[0].raw
    assert [(r.host, r.queue_id, r.act, r.recipient) for r in lab.transcript.only(Handled) if r.host == COMPANY_A] == [
        (COMPANY_A, "A1", "queued", GOTO),
        (COMPANY_A, "A1", "queued", YAMADA),
        (COMPANY_A, "A1", "relayed", GOTO),
        (COMPANY_A, "A1", "filed", YAMADA),
    ]


def converse(lab: Lab, submit: Submit) -> None:
    submit(lab)
    lab.settle()
    with pytest.raises(ConnectionRefusedError):
        lab.host("goto-pc").pop3(COMPANY_B, 995)
    with lab.host("goto-mobile").imap(COMPANY_B) as imap:
        imap.starttls(ssl_context=lab.tls_context())
        imap.login("goto", lab.password(GOTO))
        imap.select("INBOX")
        imap.store("1", "+FLAGS", r"(\Flagged)")
    with pytest.raises(TimeoutError):
        lab.host("goto-mobile").pop3(COMPANY_B)
    lab.settle()


def test_the_transcript_reads_the_same_on_both_carriers(submit: Submit) -> None:
    texts = []
    for carrier in ("tcp", "memory"):
        with Lab(two_domains(), name="twin", carrier=carrier) as lab:
            converse(lab, submit)
            texts.append(repr(lab.transcript))
    assert texts[0] == texts[1]
    headings = [line for line in texts[0].splitlines() if line.startswith("[")]
    assert headings == [
        "[1] yamada-pc -> mail.example.com:587 SMTP",
        "[2] mail.example.com -> mail.example.co.jp:25 SMTP",
        "[3] goto-pc -> mail.example.co.jp:995 POP3: refused (nobody listens there)",
        "[4] goto-mobile -> mail.example.co.jp:143 IMAP4",
        "[5] goto-mobile -> mail.example.co.jp:110 POP3: no answer (firewall, default)",
    ]


def test_no_password_stands_in_the_transcripts_text(lab: Lab, submit: Submit) -> None:
    submit(lab)
    converse(lab, submit)
    pop = lab.host("goto-pc").pop3(COMPANY_B)
    pop.stls(context=lab.tls_context())
    pop.user("goto")
    pop.pass_(lab.password(GOTO))
    pop.quit()
    text = repr(lab.transcript)
    sent = b"".join(lab.transcript.said(flow) for flow in lab.transcript.flows())
    plain = base64.b64encode(b"\0yamada\0" + lab.password(YAMADA).encode())
    assert plain in sent
    assert lab.password(GOTO).encode() in sent
    for secret in (lab.password(YAMADA), lab.password(GOTO), plain.decode()):
        assert secret not in text


def test_when_all_is_settled_every_conversation_that_came_through_is_closed(lab: Lab, submit: Submit) -> None:
    submit(lab)
    lab.settle()
    relayed = lab.transcript.flows()[1]
    assert relayed in [record.flow for record in lab.transcript.only(Closed)]
    lab.stop()
    came_through = {r.flow for r in lab.transcript.only(Dialled) if r.verdict == "accept"}
    assert {r.flow for r in lab.transcript.only(Closed)} == came_through


# -- passwords and certificates


def test_passwords_are_the_same_for_a_seed_and_differ_between_seeds_and_people(make: Make) -> None:
    first, again, other = make(seed=1), make(seed=1), make(seed=2)
    assert first.password(GOTO) == again.password(GOTO)
    assert len({first.password(GOTO), first.password(YAMADA), other.password(GOTO), other.password(YAMADA)}) == 4


def test_a_wrong_password_is_refused_by_each_protocol(lab: Lab) -> None:
    pc = lab.host("goto-pc")
    with pc.smtp(COMPANY_B, 587) as smtp:
        smtp.starttls(context=lab.tls_context())
        with pytest.raises(smtplib.SMTPAuthenticationError) as caught:
            smtp.login("goto", lab.password(YAMADA))
        assert caught.value.smtp_code == 535
    pop = pc.pop3(COMPANY_B)
    pop.stls(context=lab.tls_context())
    pop.user("goto")
    with pytest.raises(Exception, match="-ERR") as refused:
        pop.pass_("wrong")
    assert type(refused.value).__name__ == "error_proto"
    pop.quit()
    with pc.imap(COMPANY_B) as imap:
        imap.starttls(ssl_context=lab.tls_context())
        with pytest.raises(imap.error, match="AUTHENTICATIONFAILED"):
            imap.login("goto", "wrong")


@pytest.mark.parametrize("protocol", ["smtp", "pop3", "imap"])
def test_a_client_that_does_not_know_the_labs_authority_refuses_the_certificate(lab: Lab, protocol: str) -> None:
    pc = lab.host("goto-pc")
    with Lab(two_domains(), name="another") as another:
        foreign = another.tls_context()
    client = pc.smtp(COMPANY_B, 587) if protocol == "smtp" else getattr(pc, protocol)(COMPANY_B)
    secure = client.stls if protocol == "pop3" else client.starttls
    with pytest.raises(ssl.SSLCertVerificationError):
        secure(**{"ssl_context" if protocol == "imap" else "context": foreign})
    client.sock.close()
    lab.stop()
    (flow,) = lab.transcript.flows()
    assert [record.flow for record in lab.transcript.only(Closed)] == [flow]


@pytest.mark.parametrize("protocol", ["pop3", "imap"])
def test_pop3_and_imap_go_on_under_tls(lab: Lab, submit: Submit, protocol: str) -> None:
    submit(lab)
    lab.settle()
    if protocol == "pop3":
        pop = lab.host("goto-pc").pop3(COMPANY_B)
        pop.stls(context=lab.tls_context())
        pop.user("goto")
        pop.pass_(lab.password(GOTO))
        assert pop.stat()[0] == 1
        pop.quit()
    else:
        with lab.host("goto-pc").imap(COMPANY_B) as imap:
            imap.starttls(ssl_context=lab.tls_context())
            imap.login("goto", lab.password(GOTO))
            assert imap.select("INBOX") == ("OK", [b"1"])
    assert "from here on TLS" in repr(lab.transcript).split("[3]")[1]


# -- whom one asks for what


def test_who_is_not_there_is_named_with_those_who_are(lab: Lab) -> None:
    with pytest.raises(
        socket.gaierror, match=r"no host 'yamada-pcc' in this lab; hosts: yamada-pc, mail.example.com, "
    ):
        lab.host("yamada-pcc")
    sentence = "nobody has the mailbox 'sato@example.com'; mailboxes: yamada@example.com, goto@example.co.jp"
    for ask in (lab.password, lab.mailbox):
        with pytest.raises(LookupError, match=sentence):
            ask("sato@example.com")
    with pytest.raises(LookupError, match=r"no mail server on 'dns'; there are: mail.example.com, mail.example.co.jp"):
        lab.queue("dns")


def test_its_text_names_the_servers_and_their_ports(lab: Lab) -> None:
    assert repr(lab).startswith("Lab 'test 0', running. Mail servers:\n  mail.example.com")
    assert repr(lab).endswith("25, 587, 110, 143")
    lab.stop()
    assert "stopped" in repr(lab)


def test_an_unknown_carrier_is_named_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="no carrier 'pigeon'; there are: 'tcp', 'memory'"):
        Lab(two_domains(), carrier="pigeon")


def test_a_letter_that_was_fetched_is_in_memory_once(make: Make, submit: Submit) -> None:
    lab = make()
    submit(lab, b"Subject: long\r\n\r\n" + b"A line of text.\r\n" * 100)
    lab.settle()
    (message,) = lab.mailbox(GOTO)
    with contextlib.closing(lab.host("goto-pc").pop3(COMPANY_B)) as pop:
        pop.stls(context=lab.tls_context())
        pop.user("goto")
        pop.pass_(lab.password(GOTO))
        pop.retr(1)
    assert [record.by for record in lab.transcript.only(Said) if record.data is message.raw] == ["S"]


# -- what waits


def test_settle_names_what_waits_for_whom_why_and_until_when(make: Make, submit: Submit) -> None:
    lab = make(changed(COMPANY_B, ports=(587, 110, 143)))
    submit(lab)
    with pytest.raises(StillWaiting) as caught:
        lab.settle()
    assert str(caught.value) == (
        "mail.example.com still has A1 for goto@example.co.jp: "
        "451 4.4.1 no mail server of that domain answered. "
        "It tries again at 09:30; lab.advance(...) moves the clock."
    )
    (entry,) = lab.queue(COMPANY_A)
    assert (entry.queue_id, entry.envelope.forward_paths) == ("A1", (GOTO,))
    assert lab.queue(COMPANY_B) == ()


def test_what_waited_is_delivered_when_the_other_server_is_there_again(
    make: Make, submit: Submit, letter: bytes
) -> None:
    lab = make(changed(COMPANY_B, ports=(587, 110, 143)))
    submit(lab)
    lab.advance(minutes=29)
    assert [r.act for r in lab.transcript.only(Handled)] == ["queued", "deferred"]
    server = lab._servers[1]
    lab._carrier.run(lab._network.listen(COMPANY_B, 25, server._answer))
    lab.advance(minutes=1)
    lab.settle()
    (message,) = lab.mailbox(GOTO)
    assert message.raw.endswith(letter)
    assert message.received_at == lab.clock.now() == MORNING + timedelta(minutes=30)


def test_it_tries_every_half_hour_and_after_five_days_the_sender_has_it_back(make: Make, submit: Submit) -> None:
    lab = make(changed(COMPANY_B, ports=(587, 110, 143)))
    submit(lab)
    lab.advance(days=4, hours=23)
    assert lab.mailbox(YAMADA) == ()
    lab.advance(hours=1)
    lab.settle()
    (notice,) = lab.mailbox(YAMADA)
    assert notice.received_at == MORNING + timedelta(days=5)
    assert notice.raw.startswith(b"Return-Path: <>\r\n")
    report = email.message_from_bytes(notice.raw, policy=email.policy.default)
    assert report.get_content_type() == "multipart/report"
    assert "451 4.4.1 no mail server of that domain answered" in report.get_payload(0).get_content()  # type: ignore[union-attr]
    attempts = [r for r in lab.transcript.only(Handled) if r.act in ("deferred", "bounced")]
    assert len(attempts) == 1 + 5 * 24 * 2
    assert attempts[-1].act == "bounced"
    assert lab.queue(COMPANY_A) == ()


def test_a_letter_to_nobody_comes_back_at_once(lab: Lab, submit: Submit) -> None:
    submit(lab, to=("goto@example.co.jp", "nobody@example.co.jp", "goto@example.org"))
    lab.settle()
    assert len(lab.mailbox(GOTO)) == 1
    bodies = [message.raw for message in lab.mailbox(YAMADA)]
    assert len(bodies) == 1
    for line in (
        b"<nobody@example.co.jp>: mail.example.co.jp said: 550 5.1.1 no such user here",
        b"<goto@example.org>: 550 5.1.2 no such domain",
    ):
        assert line in bodies[0]
    assert b"Final-Recipient: rfc822; goto@example.co.jp" not in bodies[0]


@pytest.mark.parametrize("domain", ["x" * 70 + ".example", "nowhere.example.com"])
def test_a_domain_that_cannot_be_is_a_bounce_and_the_server_goes_on(lab: Lab, submit: Submit, domain: str) -> None:
    submit(lab, to=(f"goto@{domain}",))
    lab.settle()
    assert b"no such domain" in lab.mailbox(YAMADA)[0].raw
    submit(lab)
    lab.settle()
    assert len(lab.mailbox(GOTO)) == 1


def test_of_a_servers_call_nothing_is_kept_when_it_is_over(lab: Lab, submit: Submit) -> None:
    is_known, while_they_spoke = lab._network.is_from_server, []
    lab.transcript.follow(lambda record: while_they_spoke.append(isinstance(record, Said) and is_known(record.flow)))
    submit(lab)
    lab.settle()
    assert (any(while_they_spoke), any(map(is_known, lab.transcript.flows()))) == (True, False)


def test_a_line_held_open_from_a_servers_host_does_not_keep_settle_waiting(lab: Lab, submit: Submit) -> None:
    """A learner who plays the relay by hand is no server."""
    with lab.host(COMPANY_A).smtp(COMPANY_B) as by_hand:
        submit(lab)
        lab.settle()
        assert by_hand.noop()[0] == 250
    assert len(lab.mailbox(GOTO)) == 1


# -- life


def test_starting_a_running_lab_changes_nothing_and_stopping_twice_neither(lab: Lab, submit: Submit) -> None:
    assert lab.start() is lab
    submit(lab)
    lab.settle()
    assert len(lab.mailbox(GOTO)) == 1
    lab.stop()
    lab.stop()
    assert not lab.is_running
    assert len(lab.mailbox(GOTO)) == 1


def test_a_lab_that_has_ended_says_so(lab: Lab) -> None:
    pc = lab.host("yamada-pc")
    lab.stop()
    with pytest.raises(
        RuntimeError, match=r"has ended and cannot start again; make a new one: Lab\(\.\.\.\)\.start\(\)"
    ):
        lab.start()
    for act in (lab.settle, lambda: lab.advance(hours=1), lambda: lab.host("yamada-pc")):
        with pytest.raises(RuntimeError, match="this lab is not running"):
            act()
    with pytest.raises(ConnectionRefusedError, match=r"mail.example.com listens on: nothing"):
        pc.smtp("mail.example.com", 587)


def test_a_second_lab_of_a_name_ends_the_first_and_others_live_on(carrier: str) -> None:
    with Lab(two_domains(), name="other", carrier=carrier) as other:
        with Lab(two_domains(), name="twice", carrier=carrier) as first:
            with Lab(two_domains(), name="twice", carrier=carrier) as second:
                assert (other.is_running, first.is_running, second.is_running) == (True, False, True)
            assert not second.is_running
        assert other.is_running


def test_a_lab_ends_when_its_block_raises(carrier: str) -> None:
    with pytest.raises(KeyError), Lab(two_domains(), name="raises", carrier=carrier) as lab:
        raise KeyError
    assert not lab.is_running


def open_files() -> int:
    return len(list(OPEN_FILES.iterdir()))


needs_proc = pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="counts open files as Linux shows them")


@needs_proc
def test_a_cell_run_fifty_times_leaves_threads_and_files_as_they_were(carrier: str, submit: Submit) -> None:
    with Lab(two_domains(), name="cell", carrier=carrier):
        pass
    before = threading.active_count(), open_files()
    for _ in range(50):
        lab = Lab(two_domains(), name="cell", carrier=carrier).start()
    submit(lab)
    lab.settle()
    assert threading.active_count() <= before[0] + 1
    lab.stop()
    assert (threading.active_count(), open_files()) == before


@needs_proc
def test_a_lab_that_ends_in_the_middle_of_everything_leaves_nothing(make: Make, carrier: str, submit: Submit) -> None:
    with Lab(two_domains(), name="cell", carrier=carrier):
        pass
    before = threading.active_count(), open_files()
    lab = make()
    lab._carrier.run(lab._network.connect(COMPANY_A, COMPANY_B, 25, asyncio.Protocol()))
    held = [lab.host("goto-pc").connect(COMPANY_B, port) for port in (25, 587, 110, 143)]
    imap = lab.host("goto-pc").imap(COMPANY_B)
    imap.starttls(ssl_context=lab.tls_context())
    lab.stop()
    for sock in (*held, imap.sock, imap.file):
        sock.close()
    assert (threading.active_count(), open_files()) == before


@needs_proc
def test_a_lab_that_was_never_started_says_so_and_leaves_nothing(carrier: str) -> None:
    before = open_files()
    lab = Lab(two_domains(), name="asleep", carrier=carrier)
    with pytest.raises(RuntimeError, match=r"this lab is not running; call lab\.start\(\) first"):
        lab.settle()
    lab.stop()
    assert open_files() == before


@needs_proc
def test_a_start_that_fails_leaves_nothing(carrier: str) -> None:
    world = two_domains()
    twice = dataclasses.replace(
        world, servers=(*world.servers, MailServer(COMPANY_B, "mx.example.net", ("example.net",), (25,)))
    )
    with Lab(two_domains(), name="cell", carrier=carrier):
        pass
    before = threading.active_count(), open_files()
    lab = Lab(twice, name="fails", carrier=carrier)
    with pytest.raises(OSError, match=r"port 25 of mail.example.co.jp is taken already"):
        lab.start()
    assert not lab.is_running
    assert (threading.active_count(), open_files()) == before


PROGRAM = """
import sys
from mailkit import Lab, two_domains
lab = Lab(two_domains(), carrier=sys.argv[1]).start()
smtp = lab.host("yamada-pc").smtp("mail.example.com", 587)
imap = lab.host("goto-pc").imap("mail.example.co.jp")
print("open", flush=True)
if sys.argv[2] == "raise":
    raise SystemExit(3)
"""


@pytest.mark.parametrize(("ending", "code"), [("return", 0), ("raise", 3)])
def test_a_process_that_ends_with_everything_open_just_ends(carrier: str, ending: str, code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, carrier, ending], capture_output=True, text=True, timeout=20, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, "open\n", "")


def test_it_runs_in_a_cell_of_a_notebook(carrier: str, submit: Submit) -> None:
    """There a loop is running already in the learner's own thread."""

    async def cell() -> int:
        with Lab(two_domains(), name="cell", carrier=carrier) as lab:
            submit(lab)
            lab.settle()
            await asyncio.sleep(0)
            return len(lab.mailbox(GOTO))

    assert asyncio.run(cell()) == 1


def test_a_firewall_between_two_companies_holds_mail_back(make: Make, submit: Submit) -> None:
    world = two_domains()
    lab = make(dataclasses.replace(world, rules=(Rule("any", COMPANY_B, 25, "reject"), *world.rules)))
    submit(lab)
    with pytest.raises(StillWaiting, match=r"for goto@example.co.jp: 451 4.4.1"):
        lab.settle()
    call = lab.transcript.only(Dialled)[-1]
    assert (call.flow.client, call.flow.server, call.verdict, call.rule) == (COMPANY_A, COMPANY_B, "reject", 1)


def test_an_address_is_one_mailbox_in_whatever_case_it_is_written(make: Make, submit: Submit) -> None:
    lab = make(changed(COMPANY_B, users=(User("Ito@example.co.jp", "Ito"),)))
    submit(lab, to=("ito@example.co.jp",))
    submit(lab, to=("ITO@EXAMPLE.CO.JP",))
    lab.settle()
    assert len(lab.mailbox("Ito@example.co.jp")) == 2
    with lab.host("goto-pc").imap(COMPANY_B) as imap:
        imap.starttls(ssl_context=lab.tls_context())
        imap.login("ITO", lab.password("Ito@example.co.jp"))
        assert imap.select("INBOX") == ("OK", [b"2"])


def test_a_recipient_who_is_named_twice_gets_the_letter_once(lab: Lab, submit: Submit) -> None:
    submit(lab, to=(GOTO, GOTO, YAMADA, YAMADA))
    lab.settle()
    assert (len(lab.mailbox(GOTO)), len(lab.mailbox(YAMADA))) == (1, 1)


def test_a_long_queue_may_take_longer_than_one_letter_that_gets_no_answer(submit: Submit) -> None:
    """In memory, where a slow server costs no second."""
    slow = Delay(".", seconds=SETTLE_SECONDS * 0.6, server=COMPANY_B)
    with Lab(two_domains(), name="slow", carrier="memory", faults=[slow]) as lab:
        for _ in range(4):
            submit(lab)
        lab.settle()
        assert len(lab.mailbox(GOTO)) == 4
