"""Time in a lab: calls that nobody answers, days of attempts, records that change, and the queue as a table."""

from __future__ import annotations

import asyncio
import dataclasses
import email
import smtplib
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mailkit.lab.lab import Lab, StillWaiting
from mailkit.lab.story import direct_to_pc, dmz, two_domains
from mailkit.lab.topology import Route
from mailkit.net.clock import MORNING
from mailkit.trace.transcript import Asked, Dialled, Handled

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.lab.topology import Topology

    Make = Callable[..., Lab]
    Submit = Callable[..., None]

YAMADA, GOTO, AT_HIS_PC = "yamada@example.com", "goto@example.co.jp", "goto@goto-pc.example.co.jp"
COMPANY_A, COMPANY_B = "mail.example.com", "mail.example.co.jp"


def acts(lab: Lab, host: str = COMPANY_A) -> list[tuple[float, str]]:
    """What a server did with its letters, and how many seconds after the start."""
    start = MORNING.timestamp()
    return [(record.at - start, record.act) for record in lab.transcript.only(Handled) if record.host == host]


def calls(lab: Lab, caller: str = COMPANY_A) -> list[Dialled]:
    return [record for record in lab.transcript.only(Dialled) if record.flow.client == caller]


# -- a call that a firewall drops


def test_a_dropped_call_costs_the_server_half_a_minute_and_settle_passes_it(make: Make, submit: Submit) -> None:
    lab = make(direct_to_pc())
    submit(lab, to=(AT_HIS_PC,))
    with pytest.raises(StillWaiting, match="It tries again at 09:30"):
        lab.settle()
    assert acts(lab) == [(0, "queued"), (30, "deferred")]
    (call,) = calls(lab)
    assert (call.at, call.verdict) == (MORNING.timestamp(), "drop")
    assert lab.clock.now() == MORNING + timedelta(seconds=30)


def test_while_one_letter_waits_for_an_answer_the_next_waits_for_its_turn(make: Make, submit: Submit) -> None:
    lab = make(direct_to_pc())
    submit(lab, to=(AT_HIS_PC,))
    submit(lab)
    with pytest.raises(StillWaiting, match=AT_HIS_PC):
        lab.settle()
    (message,) = lab.mailbox(GOTO)
    assert message.received_at == MORNING + timedelta(seconds=30)


def test_advance_passes_every_wait_in_order_and_stops_at_its_target(make: Make, submit: Submit) -> None:
    lab = make(direct_to_pc())
    submit(lab, to=(AT_HIS_PC,))
    lab.advance(minutes=30, seconds=10)
    assert acts(lab) == [(0, "queued"), (30, "deferred")]
    assert lab.clock.now() == MORNING + timedelta(minutes=30, seconds=10)
    lab.advance(seconds=20)  # the second attempt begins half an hour after the first one ended
    lab.advance(seconds=29)
    assert [call.at - MORNING.timestamp() for call in calls(lab)] == [0, 1830]
    assert len(acts(lab)) == 2
    lab.advance(seconds=1)
    assert acts(lab)[-1] == (1860, "deferred")


def test_a_learner_who_gets_no_answer_has_lost_ten_seconds_of_the_labs_day(lab: Lab) -> None:
    with pytest.raises(TimeoutError):
        lab.host("goto-mobile").pop3(COMPANY_B)
    assert lab.clock.now() == MORNING + timedelta(seconds=10)
    with lab.host("goto-mobile"), pytest.raises(TimeoutError):
        smtplib.SMTP(COMPANY_B, 465, timeout=3)
    assert lab.clock.now() == MORNING + timedelta(seconds=13)


def test_the_transcript_of_waits_reads_the_same_on_both_carriers(submit: Submit) -> None:
    runs = []
    for carrier in ("tcp", "memory"):
        with Lab(direct_to_pc(), name="twin waits", carrier=carrier) as lab:
            submit(lab, to=(AT_HIS_PC, GOTO))
            lab.advance(hours=3)
            with pytest.raises(TimeoutError):
                lab.host("goto-mobile").pop3(COMPANY_B)
            submit(lab)
            lab.advance(days=5)
            lab.settle()
            runs.append((repr(lab.transcript), lab.transcript.only(Dialled), acts(lab), lab.clock.now()))
    for over_tcp, in_memory in zip(*runs, strict=True):
        assert over_tcp == in_memory


def test_a_lab_ends_while_a_server_waits_for_an_answer(make: Make, submit: Submit) -> None:
    lab = make(direct_to_pc())
    submit(lab, to=(AT_HIS_PC,))
    lab.stop()
    lab.stop()
    assert [act for _, act in acts(lab)] == ["queued"]
    assert asyncio.all_tasks(lab._carrier.loop) == set()


# -- days


def test_five_days_of_attempts_are_so_many_calls_and_no_more(make: Make, submit: Submit) -> None:
    """What makes days short is that there is nothing else to do in them."""
    lab = make(dataclasses.replace(direct_to_pc(firewall=False), default="reject"))
    lab.switch_off(COMPANY_B)
    submit(lab)
    before = len(lab.transcript)
    lab.advance(days=4)
    attempts = 1 + (4 * 24 * 3600 - 30) // 1830
    assert len(calls(lab)) == attempts
    assert len(lab.transcript) - before <= attempts * 4  # two questions, a call, an outcome
    assert [entry.queue_id for entry in lab.queue(COMPANY_A)] == ["A1"]


def test_each_recipient_has_his_own_outcome_and_one_notice_names_the_failed(make: Make, submit: Submit) -> None:
    lab = make(direct_to_pc())
    submit(lab, to=(GOTO, AT_HIS_PC, YAMADA, "nobody@example.co.jp"))
    with pytest.raises(StillWaiting):
        lab.settle()
    assert [entry.envelope.forward_paths for entry in lab.queue(COMPANY_A)] == [(AT_HIS_PC,)]
    lab.advance(days=6)
    lab.settle()
    assert len(lab.mailbox(GOTO)) == 1
    letter, at_once, at_last = lab.mailbox(YAMADA)
    assert letter.raw.startswith(b"Return-Path: <yamada@example.com>\r\n")
    for notice, failed in ((at_once, "nobody@example.co.jp"), (at_last, AT_HIS_PC)):
        assert notice.raw.startswith(b"Return-Path: <>\r\n")
        report = email.message_from_bytes(notice.raw).get_payload(1).as_string()  # type: ignore[union-attr]
        assert [line for line in report.splitlines() if line.startswith("Final-Recipient")] == [
            f"Final-Recipient: rfc822; {failed}"
        ]
    assert at_last.received_at >= MORNING + timedelta(days=5)


# -- the queue


def test_a_queue_as_text_is_a_table_of_what_waits_for_whom_and_until_when(make: Make, submit: Submit) -> None:
    lab = make(direct_to_pc())
    assert repr(lab.queue(COMPANY_A)) == "Nothing waits in the queue of mail.example.com."
    submit(lab, to=(AT_HIS_PC,))
    lab.advance(minutes=5)
    assert repr(lab.queue(COMPANY_A)).splitlines() == [
        "In the queue of mail.example.com:",
        "id  for                         since        next attempt  returned at  waits because",
        "A1  goto@goto-pc.example.co.jp  04-06 09:00  04-06 09:30   04-11 09:00  "
        "451 4.4.1 no mail server of that domain answered",
    ]
    (entry,) = lab.queue(COMPANY_A)
    assert entry.gives_up == (MORNING + timedelta(days=5)).timestamp()


# -- mail that goes in circles


def circle() -> Topology:
    """Companies A and B each believe that the other one has example.net's mailboxes."""
    world = two_domains()
    a, b = world.servers
    shared = ("example.net",)
    servers = (
        a._replace(domains=(*a.domains, *shared), routes=(Route("example.net", b.host),)),
        b._replace(domains=(*b.domains, *shared), routes=(Route("example.net", a.host),)),
    )
    return dataclasses.replace(world, servers=servers)


def test_a_letter_between_two_servers_that_route_to_each_other_comes_back_once(make: Make, submit: Submit) -> None:
    lab = make(circle())
    submit(lab, to=("anybody@example.net",))
    lab.settle()
    (notice,) = lab.mailbox(YAMADA)
    assert b"554 5.4.6 too many hops: this message goes in circles" in notice.raw
    assert notice.raw.startswith(b"Return-Path: <>\r\n")
    relayed = [record for record in lab.transcript.only(Handled) if record.act == "relayed"]
    circles = [record for record in relayed if record.recipient == "anybody@example.net"]
    assert len(circles) == 99  # with the first server's own, a hundred trace lines (RFC 5321 §6.3)
    assert [len(lab.queue(host)) for host in (COMPANY_A, COMPANY_B)] == [0, 0]


def test_a_bounce_that_goes_in_circles_itself_is_dropped_and_makes_no_other(make: Make, submit: Submit) -> None:
    lab = make(circle())
    submit(lab, to=("anybody@example.net",), sender="somebody@example.net")
    lab.settle()
    queued = [record for record in lab.transcript.only(Handled) if record.act == "queued"]
    bounces = [record for record in queued if record.detail.startswith("bounce of")]
    assert [(bounce.reverse_path, bounce.recipient) for bounce in bounces] == [("", "somebody@example.net")]
    assert lab.transcript.only(Handled)[-1].act == "bounced"
    assert [len(lab.queue(host)) for host in (COMPANY_A, COMPANY_B)] == [0, 0]


# -- greylisting


def greylisting(world: Topology, host: str) -> Topology:
    servers = tuple(s._replace(greylisting=s.host == host) for s in world.servers)
    return dataclasses.replace(world, servers=servers)


def test_a_server_that_greylists_takes_a_strangers_letter_at_the_second_attempt(make: Make, submit: Submit) -> None:
    lab = make(greylisting(two_domains(), COMPANY_B))
    submit(lab)
    with pytest.raises(StillWaiting, match=r"451 4\.7\.1 greylisted: not seen before, try again in 5 minutes"):
        lab.settle()
    assert lab.mailbox(GOTO) == ()
    lab.advance(minutes=30)
    lab.settle()
    assert acts(lab) == [(0, "queued"), (0, "deferred"), (1800, "relayed")]
    submit(lab)  # known by now
    lab.settle()
    assert len(lab.mailbox(GOTO)) == 2


def test_five_minutes_are_waited_by_the_labs_clock_and_each_triple_waits_for_itself(make: Make) -> None:
    lab = make(greylisting(two_domains(), COMPANY_B))
    with lab.host(COMPANY_A).smtp(COMPANY_B) as smtp:
        smtp.helo()

        def ask(sender: str, recipient: str = GOTO) -> int:
            smtp.rset()
            smtp.mail(sender)
            return int(smtp.rcpt(recipient)[0])

        assert ask(YAMADA) == 451
        lab.advance(minutes=4, seconds=59)
        assert ask(YAMADA) == 451
        assert ask("nobody@example.com") == 451
        lab.advance(seconds=1)
        assert ask(YAMADA) == 250
        assert ask("YAMADA@example.com", "Goto@Example.co.jp") == 250
        assert ask("nobody@example.com") == 451
        assert ask(YAMADA, "stranger@example.co.jp") == 550
        assert ask("", GOTO) == 451


def test_whoever_logs_in_is_not_asked_to_come_again(make: Make, submit: Submit) -> None:
    lab = make(greylisting(two_domains(), COMPANY_A))
    submit(lab, to=(YAMADA,))
    lab.settle()
    assert len(lab.mailbox(YAMADA)) == 1


# -- records that change


def test_mail_goes_to_the_new_exchanger_when_the_old_records_time_is_over(make: Make, submit: Submit) -> None:
    """An MX that moves: for an hour, the sender's server still knows the old one."""
    world = dmz()
    servers = [
        s._replace(domains=("example.org", "example.co.jp")) if s.host == "mail.example.org" else s
        for s in world.servers
    ]
    lab = make(dataclasses.replace(world, servers=tuple(servers)))
    submit(lab)
    lab.settle()
    lab.change_records("$ORIGIN example.co.jp.\n@ 60 MX 10 mail.example.org.\n")
    lab.advance(minutes=59, seconds=59)
    submit(lab)
    lab.settle()
    lab.advance(seconds=1)
    submit(lab, to=("postmaster@example.co.jp",))
    lab.settle()
    assert [call.flow.server for call in calls(lab)] == ["relay", "relay", "mail.example.org"]
    asked = [record for record in lab.transcript.only(Asked) if record.host == COMPANY_A and record.kind == "MX"]
    assert [(record.answers, record.remembered) for record in asked] == [
        (("10 relay.example.co.jp",), False),
        (("10 relay.example.co.jp",), True),
        (("10 mail.example.org",), False),
    ]
