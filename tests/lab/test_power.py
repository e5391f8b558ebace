"""Hosts that are switched off and on: who notices, what stays, and that no letter is lost or filed twice."""

from __future__ import annotations

import contextlib
import email
import smtplib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailkit.lab import power
from mailkit.lab.lab import Lab, StillWaiting
from mailkit.lab.story import direct_to_pc, dmz, two_domains
from mailkit.net.clock import MORNING
from mailkit.net.network import UnknownName
from mailkit.trace.transcript import Closed, Dialled, Handled, Switched

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mailkit.trace.transcript import Record

    Make = Callable[..., Lab]
    Submit = Callable[..., None]

YAMADA, GOTO, AT_HIS_PC = "yamada@example.com", "goto@example.co.jp", "goto@goto-pc.example.co.jp"
COMPANY_A, COMPANY_B = "mail.example.com", "mail.example.co.jp"


def test_a_letter_waits_for_a_pc_that_is_off_and_comes_when_it_is_on(make: Make, submit: Submit) -> None:
    """Why mail goes to a server that is always on, and not to the PC under the desk."""
    lab = make(direct_to_pc(firewall=False))
    lab.switch_off("goto-pc")
    submit(lab, to=(AT_HIS_PC,))
    with pytest.raises(StillWaiting, match=r"still has A1 for goto@goto-pc.*4\.4\.1.*tries again at 09:30"):
        lab.settle()
    assert "[2] mail.example.com -> goto-pc:25 SMTP: no answer (goto-pc is off)" in repr(lab.transcript)
    assert lab.transcript.only(Dialled)[-1].verdict == "off"
    lab.switch_on("goto-pc")
    lab.advance(minutes=30)
    lab.settle()
    assert len(lab.mailbox(AT_HIS_PC)) == 1


def test_who_calls_a_host_that_is_off_waits_and_is_told(lab: Lab) -> None:
    lab.switch_off(COMPANY_B)
    with pytest.raises(
        TimeoutError, match=r"goto-pc called mail.example.co.jp:143, but no answer came: .* is switched"
    ):
        lab.host("goto-pc").imap(COMPANY_B)
    assert lab.clock.now() == MORNING + timedelta(seconds=10)


def test_each_switching_is_in_the_record_and_none_that_changes_nothing(lab: Lab) -> None:
    lab.switch_on("goto-pc")
    lab.switch_off("goto-pc")
    lab.switch_off("goto-pc")
    lab.advance(minutes=5)
    lab.switch_on("goto-pc")
    morning = MORNING.timestamp()
    assert lab.transcript.only(Switched) == [(morning, "goto-pc", False), (morning + 300, "goto-pc", True)]


def test_while_the_firewall_is_off_every_call_passes_and_no_rule_has_decided(make: Make, submit: Submit) -> None:
    lab = make(direct_to_pc(firewall=True))
    submit(lab, to=(AT_HIS_PC,))
    lab.advance(minutes=1)
    assert lab.transcript.only(Dialled)[-1].verdict == "drop"
    lab.switch_firewall(on=False)
    lab.advance(minutes=30)
    assert lab.transcript.only(Dialled)[-1][2:] == ("accept", None)
    assert len(lab.mailbox(AT_HIS_PC)) == 1
    lab.switch_firewall(on=True)
    with pytest.raises(TimeoutError):
        lab.host(COMPANY_A).connect("goto-pc", 25)
    assert [(record.host, record.on) for record in lab.transcript.only(Switched)] == [("", False), ("", True)]


def test_from_a_host_that_is_off_nobody_calls(lab: Lab) -> None:
    lab.switch_off("goto-pc")
    with pytest.raises(OSError, match=r"goto-pc is switched off and can call nobody; lab.switch_on\('goto-pc'\)"):
        lab.host("goto-pc").imap(COMPANY_B)
    lab.switch_on("goto-pc")
    lab.host("goto-pc").imap(COMPANY_B).logout()


def test_a_host_that_is_not_there_cannot_be_switched(lab: Lab) -> None:
    for switch in (lab.switch_off, lab.switch_on):
        with pytest.raises(UnknownName, match="no host 'goto-pcc' in this lab; hosts: yamada-pc"):
            switch("goto-pcc")


@pytest.mark.parametrize("off", [COMPANY_B, "goto-pc"])
@pytest.mark.parametrize("tls", [True, False])
def test_open_conversations_break_off_at_either_end(lab: Lab, off: str, tls: bool) -> None:
    pop, imap = lab.host("goto-pc").pop3(COMPANY_B), lab.host("goto-pc").imap(COMPANY_B)
    smtp = lab.host("goto-pc").smtp(COMPANY_B, 587)
    elsewhere = lab.host("goto-mobile").imap(COMPANY_B)
    if tls:
        pop.stls(context=lab.tls_context())
        smtp.starttls(context=lab.tls_context())
        imap.starttls(ssl_context=lab.tls_context())
    lab.switch_off(off)
    assert len(lab.transcript.only(Closed)) == (4 if off == COMPANY_B else 3)
    for talk, errors in (
        (pop.noop, (EOFError, OSError, Exception)),
        (imap.noop, (imap.abort, OSError)),
        (lambda: smtp.docmd("NOOP"), (smtplib.SMTPServerDisconnected, OSError)),
    ):
        with pytest.raises(errors):
            talk()  # type: ignore[operator]
    if off == "goto-pc":
        assert elsewhere.noop()[0] == "OK"
        elsewhere.logout()
    for client in (pop.sock, imap.sock, smtp.sock, elsewhere.sock):
        with contextlib.suppress(OSError, AttributeError):
            client.close()


def test_what_rests_on_a_server_is_there_when_it_is_on_again(lab: Lab, submit: Submit) -> None:
    submit(lab)
    lab.settle()
    lab.switch_off(COMPANY_B)
    assert len(lab.mailbox(GOTO)) == 1
    lab.switch_on(COMPANY_B)
    with lab.host("goto-pc").imap(COMPANY_B) as imap:
        imap.starttls(lab.tls_context())
        imap.login("goto", lab.password(GOTO))
        assert imap.select("INBOX") == ("OK", [b"1"])


def test_a_server_that_is_off_does_not_work_and_settle_says_so(make: Make, submit: Submit) -> None:
    lab = make(direct_to_pc())
    submit(lab, to=(AT_HIS_PC,))
    lab.advance(minutes=1)
    lab.switch_off(COMPANY_A)
    with pytest.raises(StillWaiting) as caught:
        lab.settle()
    assert str(caught.value) == (
        "mail.example.com is off, and still has A1 for goto@goto-pc.example.co.jp; "
        "lab.switch_on('mail.example.com') starts it again."
    )
    lab.advance(hours=3)
    assert len(lab.transcript.only(Dialled)) == 2


def test_a_server_that_is_on_again_tries_at_once_what_waits(make: Make, submit: Submit) -> None:
    lab = make(direct_to_pc())
    submit(lab, to=(AT_HIS_PC,))
    lab.advance(minutes=1)
    lab.switch_off(COMPANY_A)
    lab.switch_on(COMPANY_A)
    lab.advance(seconds=30)
    assert [record.at - MORNING.timestamp() for record in lab.transcript.only(Dialled)] == [0, 0, 60]


def test_a_server_that_is_off_begins_nothing_new_and_files_nothing(make: Make, submit: Submit) -> None:
    """It was waiting for an answer when the power failed; behind that attempt stand a colleague and a second letter."""
    lab = make(direct_to_pc())
    submit(lab, to=(AT_HIS_PC, YAMADA))
    submit(lab, to=(YAMADA,))
    lab.advance(seconds=1)
    lab.switch_off(COMPANY_A)
    lab.advance(hours=1)
    assert lab.mailbox(YAMADA) == ()
    assert {record.queue_id for record in lab.transcript.only(Handled) if record.act != "queued"} == {"A1"}
    lab.switch_on(COMPANY_A)
    lab.advance(minutes=1)
    assert len(lab.mailbox(YAMADA)) == 2


def test_switching_twice_is_switching_once(lab: Lab, submit: Submit) -> None:
    lab.switch_on(COMPANY_B)
    lab.switch_off(COMPANY_B)
    lab.switch_off(COMPANY_B)
    lab.switch_on(COMPANY_B)
    lab.switch_on(COMPANY_B)
    submit(lab)
    lab.settle()
    assert len(lab.mailbox(GOTO)) == 1


def test_a_letter_half_said_when_the_power_fails_was_never_taken(lab: Lab, submit: Submit) -> None:
    with lab.host(COMPANY_A).smtp(COMPANY_B) as by_hand:
        by_hand.helo()
        by_hand.mail(YAMADA)
        by_hand.rcpt(GOTO)
        by_hand.docmd("DATA")
        by_hand.send(b"Subject: half\r\n")
        lab.switch_off(COMPANY_B)
        lab.switch_on(COMPANY_B)
        by_hand.close()
    submit(lab)
    lab.settle()
    assert len(lab.mailbox(GOTO)) == 1


# -- at any moment

HOSTS = [COMPANY_A, "relay", COMPANY_B]
steps = st.lists(
    st.one_of(
        st.just(("submit", "")),
        st.tuples(st.sampled_from(["off", "on"]), st.sampled_from(HOSTS)),
        st.tuples(st.just("advance"), st.sampled_from([5, 40, 1800, 4000])),
        st.tuples(st.just("off at record"), st.tuples(st.sampled_from(HOSTS), st.integers(1, 90))),
    ),
    max_size=14,
)


def try_to_send(lab: Lab, number: int) -> bool:
    """Whether her server said 250 to the letter."""
    try:
        with lab.host("yamada-pc").smtp(COMPANY_A, 587) as smtp:
            smtp.starttls(context=lab.tls_context())
            smtp.login("yamada", lab.password(YAMADA))
            smtp.sendmail(YAMADA, [GOTO], f"Subject: letter {number}\r\n\r\nHello\r\n")
    except (smtplib.SMTPException, OSError):
        return False
    return True


def switch_off_at(lab: Lab, host: str, count: int) -> Callable[[], None]:
    """In the middle of whatever the servers do when so many more records have been made; returns what calls it off."""
    at, loop = len(lab.transcript) + count, lab._carrier.loop

    def fail() -> None:
        tasks.append(loop.create_task(power.switch_off(host, lab._network, lab._servers)))

    def watch(record: Record) -> None:
        if len(lab.transcript) == at:
            loop.call_soon_threadsafe(fail)

    tasks: list[object] = []  # a loop alone does not keep them alive
    return lab.transcript.follow(watch)


def live_through(carrier: str, chosen: list[tuple[str, Any]]) -> None:
    with Lab(dmz(), name="random power", carrier=carrier) as lab:
        taken: list[int] = []
        plans: list[Callable[[], None]] = []
        for step, argument in chosen:
            if step == "submit" and try_to_send(lab, len(lab.transcript)):
                taken.append(len(taken))
            elif step == "advance":
                lab.advance(seconds=argument)
            elif step == "off at record":
                plans.append(switch_off_at(lab, *argument))
            elif step in ("on", "off"):
                (lab.switch_on if step == "on" else lab.switch_off)(argument)
        for call_off in plans:
            call_off()
        judge(lab, len(taken))


def judge(lab: Lab, taken: int) -> None:
    """With the power back and time to try again, all that was taken has been filed, once."""
    for host in HOSTS:
        lab.switch_on(host)
    lab.advance(hours=3)
    lab.settle()
    assert getattr(lab._carrier.loop, "errors", []) == []
    subjects = [email.message_from_bytes(message.raw)["Subject"] for message in lab.mailbox(GOTO)]
    assert len(subjects) == len(set(subjects)) == taken
    assert lab.mailbox(YAMADA) == ()


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(steps)
def test_whatever_is_off_and_whenever_each_letter_that_was_taken_is_filed_once(chosen: list[tuple[str, Any]]) -> None:
    live_through("memory", chosen)


@settings(max_examples=15, deadline=None, derandomize=True, database=None)
@given(steps)
def test_the_same_over_tcp(chosen: list[tuple[str, Any]]) -> None:
    live_through("tcp", chosen)


@pytest.mark.parametrize("host", HOSTS)
def test_at_each_record_of_a_letters_way_the_power_fails_and_it_is_filed_once(host: str) -> None:
    with Lab(dmz(), name="whole way", carrier="memory") as lab:
        try_to_send(lab, 0)
        records = len(lab.transcript)
    assert records > 60
    for moment in range(1, records + 1):
        live_through("memory", [("off at record", (host, moment)), ("submit", ""), ("advance", 40)])


def test_what_a_server_that_is_off_has_on_its_disk_the_next_lab_finds(
    make: Make, submit: Submit, tmp_path: Path
) -> None:
    lab = make(two_domains(), mail_dir=tmp_path)
    lab.switch_off(COMPANY_B)
    submit(lab)
    lab.advance(minutes=1)
    lab.switch_off(COMPANY_A)
    lab.stop()
    again = make(two_domains(), mail_dir=tmp_path)
    again.settle()
    assert len(again.mailbox(GOTO)) == 1
    assert [record.act for record in lab.transcript.only(Handled)] == ["queued", "deferred"]
