"""Whatever goes wrong: the lab goes on, no letter that was taken is lost, none comes twice without a reason."""

from __future__ import annotations

import contextlib
import email
import smtplib
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from mailkit.lab.lab import Lab, StillWaiting
from mailkit.lab.story import two_domains
from mailkit.server.faults import Answer, Break, Delay, HangUp, StripTLS, Trickle
from mailkit.server.verbs import VERBS
from mailkit.trace.transcript import Disturbed, Handled

if TYPE_CHECKING:
    from mailkit.server.faults import Fault

YAMADA, GOTO = "yamada@example.com", "goto@example.co.jp"
COMPANY_A, COMPANY_B = "mail.example.com", "mail.example.co.jp"
LETTERS = 3

verbs = st.sampled_from([*VERBS["SMTP"], "any", *["RCPT", "DATA", "."] * 4])
refusals = st.sampled_from(["421 4.3.2 closing", "450 4.2.1 busy", "451 4.7.1 later", "550 5.7.1 no", "554 5.3.0 no"])
servers = st.sampled_from([COMPANY_A, COMPANY_B, "any"])
oftens = st.one_of(
    st.just({}),
    st.builds(lambda n: {"first": n}, st.integers(1, 4)),
    st.builds(lambda n: {"every": n}, st.integers(1, 4)),
    st.builds(lambda p: {"probability": p}, st.floats(0, 1)),
)
ways = st.sampled_from(["client", "server"])


def faults(longest: float) -> st.SearchStrategy[list[Fault]]:
    """Some faults at once; none of them waits longer than so many seconds at a time."""
    seconds, more = st.floats(0, longest), st.booleans()
    one = st.one_of(
        st.builds(lambda v, r, s, o: Answer(v, r, server=s, **o), verbs, refusals, servers, oftens),
        st.builds(lambda v, a, s, o: HangUp(v, acted=a, server=s, **o), verbs, more, servers, oftens),
        st.builds(
            lambda v, n, a, s, o: Delay(v, seconds=n, acted=a, server=s, **o), verbs, seconds, more, servers, oftens
        ),
        st.builds(
            lambda n, w, s, o: Break(after=n, towards=w, server=s, **o), st.integers(0, 1500), ways, servers, oftens
        ),
        st.builds(
            lambda n, t, w, s, o: Trickle(octets=n, seconds=t / 20, towards=w, server=s, **o),
            st.integers(1, 2000),
            seconds,
            ways,
            servers,
            oftens,
        ),
        st.builds(lambda o: StripTLS(client="yamada-pc", server=COMPANY_A, by="goto-mobile", **o), oftens),
    )
    return st.lists(one, min_size=1, max_size=4)


def try_to_send(lab: Lab, number: int) -> bool:
    """Whether her server said 250 to the letter."""
    smtp = None
    try:
        smtp = lab.host("yamada-pc").smtp(COMPANY_A, 587)
        smtp.starttls(context=lab.tls_context())
        smtp.login("yamada", lab.password(YAMADA))
        smtp.sendmail(YAMADA, [GOTO], f"Subject: letter {number}\r\n\r\nHello\r\n")
    except (smtplib.SMTPException, OSError):
        return False
    finally:
        if smtp is not None:
            smtp.close()
    return True


def work(lab: Lab) -> None:
    """As long as a lesson would: some attempts while things go wrong, then one when all is well again."""
    with contextlib.suppress(StillWaiting):
        lab.settle()
    with contextlib.suppress(StillWaiting):
        lab.advance(hours=2)
    lab.heal()
    lab.advance(hours=2)
    lab.settle()


def copies(lab: Lab, number: int) -> int:
    subjects = [email.message_from_bytes(message.raw)["Subject"] for message in lab.mailbox(GOTO)]
    return subjects.count(f"letter {number}")


def returned(lab: Lab, number: int) -> bool:
    return any(b"letter %d" % number in message.raw for message in lab.mailbox(YAMADA))


def lost_replies(lab: Lab) -> int:
    """How often company B took a letter in a conversation whose end its sender could not see (RFC 1047)."""
    uncertain = {r.flow for r in lab.transcript.only(Disturbed) if r.kind in ("lost reply", "break")}
    return sum(r.flow in uncertain for r in lab.transcript.only(Handled) if (r.host, r.act) == (COMPANY_B, "queued"))


def endure(carrier: str, chosen: list[Fault], seed: int) -> None:
    with Lab(two_domains(), name="random faults", carrier=carrier, faults=chosen, seed=seed) as lab:
        taken = [number for number in range(LETTERS) if try_to_send(lab, number)]
        work(lab)
        assert getattr(lab._carrier.loop, "errors", []) == []
        assert not lab.queue(COMPANY_A)
        assert not lab.queue(COMPANY_B)
        for number in taken:
            assert copies(lab, number) or returned(lab, number)
        again = sum(max(copies(lab, number) - 1, 0) for number in range(LETTERS))
        assert again <= lost_replies(lab)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(faults(longest=20.0), st.integers(0, 9))
def test_no_letter_is_lost_and_none_comes_twice_but_where_a_reply_was_lost(chosen: list[Fault], seed: int) -> None:
    endure("memory", chosen, seed)


@settings(max_examples=30, deadline=None, derandomize=True, database=None)
@given(faults(longest=0.005), st.integers(0, 9))
def test_the_same_over_tcp(chosen: list[Fault], seed: int) -> None:
    endure("tcp", chosen, seed)
