"""Faults in a running lab, as the standard library's clients meet them, on every protocol and both carriers."""

from __future__ import annotations

import asyncio
import imaplib
import poplib
import smtplib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from mailkit.lab.lab import Lab, StillWaiting
from mailkit.lab.story import two_domains
from mailkit.server.faults import (
    Answer,
    Break,
    Delay,
    FalseCertificate,
    FaultError,
    HangUp,
    StripTLS,
    Trickle,
)
from mailkit.trace.transcript import Disturbed, Handled, Said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mailkit.server.faults import Fault

    Make = Callable[..., Lab]
    Submit = Callable[..., None]

YAMADA, GOTO = "yamada@example.com", "goto@example.co.jp"
COMPANY_A, COMPANY_B = "mail.example.com", "mail.example.co.jp"
LETTER = b"Subject: one\r\n\r\nHello\r\n"
MIDDLE: dict[str, Any] = {"client": "goto-pc", "server": COMPANY_B, "by": "goto-mobile"}
GONE = (smtplib.SMTPServerDisconnected, poplib.error_proto, imaplib.IMAP4.abort, OSError)


def put(lab: Lab, *contents: bytes) -> None:
    """Letters in Goto's mailbox, brought by a stranger before anything goes wrong."""
    smtp = lab.host("yamada-pc").smtp(COMPANY_B, 25)
    for content in contents or (LETTER,):
        smtp.sendmail(YAMADA, [GOTO], content)
    smtp.quit()
    lab.settle()


def smtp_in(lab: Lab) -> smtplib.SMTP:
    smtp = lab.host("goto-pc").smtp(COMPANY_B, 587)
    smtp.starttls(context=lab.tls_context())
    smtp.login("goto", lab.password(GOTO))
    return smtp


def pop_in(lab: Lab) -> poplib.POP3:
    pop = lab.host("goto-pc").pop3(COMPANY_B)
    pop.stls(context=lab.tls_context())
    pop.user("goto")
    pop.pass_(lab.password(GOTO))
    return pop


def imap_in(lab: Lab, select: bool = True) -> imaplib.IMAP4:
    imap = lab.host("goto-pc").imap(COMPANY_B)
    imap.starttls(ssl_context=lab.tls_context())
    imap.login("goto", lab.password(GOTO))
    if select:
        imap.select("INBOX")
    return imap


@contextmanager
def left_open(*clients: Any) -> Iterator[None]:
    """Clients whose connection a fault ends have sockets that nobody else closes."""
    try:
        yield
    finally:
        for client in clients:
            if (sock := getattr(client, "sock", None)) is not None:
                sock.close()
            if (file := getattr(client, "file", None)) is not None:
                file.close()


async def closed(lab: Lab) -> None:
    """No server believes itself in conversation any more."""
    if calls := [call for server in lab._servers for call in server._calls.values()]:
        await asyncio.wait(calls)


def faults_of(lab: Lab) -> list[tuple[str, str]]:
    return [(record.kind, record.flow.server) for record in lab.transcript.only(Disturbed)]


def handled(lab: Lab, host: str) -> list[str]:
    return [record.act for record in lab.transcript.only(Handled) if record.host == host]


# -- a refusal instead of an act


@pytest.mark.parametrize("verb", ["RSET", "NOOP", "VRFY", "MAIL", "RCPT", "DATA", ".", "EHLO", "HELP"])
def test_smtp_refuses_a_verb_inside_tls_and_goes_on_afterwards(make: Make, verb: str) -> None:
    lab = make()
    smtp = smtp_in(lab)
    lab.disturb(Answer(verb, "451 4.7.1 come back later", first=1))

    def session() -> list[int]:
        codes = [smtp.docmd(command)[0] for command in ("EHLO [10.0.0.21]", "NOOP", "VRFY goto", "HELP", "RSET")]
        codes += [smtp.mail(YAMADA)[0], smtp.rcpt(GOTO)[0], smtp.docmd("DATA")[0]]
        if codes[-1] == 354:
            smtp.send(LETTER + b".\r\n")
            codes.append(smtp.getreply()[0])
        return codes

    codes = session()
    at = ["EHLO", "NOOP", "VRFY", "HELP", "RSET", "MAIL", "RCPT", "DATA", "."].index(verb)
    assert codes[at] == 451
    smtp.rset()
    assert session()[-2:] == [354, 250]
    smtp.quit()
    lab.settle()
    assert len(lab.mailbox(GOTO)) == (1 if verb in ("MAIL", "RCPT", "DATA", ".") else 2)
    assert faults_of(lab) == [("answer", COMPANY_B)]


def test_smtp_refuses_starttls_auth_and_quit(make: Make) -> None:
    lab = make(
        faults=[
            Answer("STARTTLS", "454 4.7.0 TLS is not available", first=1),
            Answer("AUTH", "454 4.7.0 try again", first=2),
            Answer("QUIT", "421 4.3.2 shutting down"),
        ]
    )
    smtp = lab.host("goto-pc").smtp(COMPANY_B, 587)
    with pytest.raises(smtplib.SMTPResponseException, match="TLS is not available"):
        smtp.starttls(context=lab.tls_context())
    smtp.starttls(context=lab.tls_context())
    with pytest.raises(smtplib.SMTPAuthenticationError, match="try again"):
        smtp.login("goto", lab.password(GOTO))  # it tries two mechanisms
    smtp.login("goto", lab.password(GOTO))
    assert smtp.quit()[0] == 421


def test_a_refused_greeting_ends_the_call_on_every_protocol(make: Make) -> None:
    lab = make(
        faults=[
            Answer("CONNECT", "554 5.3.2 no service here"),
            Answer("CONNECT", "-ERR no service here"),
            Answer("CONNECT", "BYE no service here"),
        ]
    )
    with pytest.raises(smtplib.SMTPConnectError, match="no service here"):
        lab.host("goto-pc").smtp(COMPANY_B, 25)
    with pytest.raises(poplib.error_proto, match="no service here"):
        lab.host("goto-pc").pop3(COMPANY_B)
    with pytest.raises(imaplib.IMAP4.error, match="no service here"):
        lab.host("goto-pc").imap(COMPANY_B)
    lab.settle()
    assert faults_of(lab) == [("answer", COMPANY_B)] * 3


POP3_ACTS: dict[str, Callable[[poplib.POP3], object]] = {
    "CAPA": lambda pop: pop.capa(),
    "STAT": lambda pop: pop.stat(),
    "LIST": lambda pop: pop.list(),
    "UIDL": lambda pop: pop.uidl(),
    "RETR": lambda pop: pop.retr(1),
    "TOP": lambda pop: pop.top(1, 0),
    "DELE": lambda pop: pop.dele(1),
    "RSET": lambda pop: pop.rset(),
    "NOOP": lambda pop: pop.noop(),
}


@pytest.mark.parametrize("verb", POP3_ACTS)
def test_pop3_refuses_a_verb_inside_tls_and_goes_on_afterwards(make: Make, verb: str) -> None:
    lab = make()
    put(lab, b"Subject: x\r\n\r\n-ERR in a letter\r\n..\r\n")
    pop = pop_in(lab)
    lab.disturb(Answer(verb, "-ERR [SYS/TEMP] disk trouble", first=1))
    for other in POP3_ACTS:
        if other == verb:
            with pytest.raises(poplib.error_proto, match="CAPA not supported" if verb == "CAPA" else "disk trouble"):
                POP3_ACTS[verb](pop)
        elif other != "DELE":
            POP3_ACTS[other](pop)
    POP3_ACTS[verb](pop)
    pop.quit()
    assert len(lab.mailbox(GOTO)) == (0 if verb == "DELE" else 1)


@pytest.mark.parametrize("verb", ["STLS", "USER", "PASS"])
def test_pop3_refuses_on_the_way_in(make: Make, verb: str) -> None:
    lab = make(faults=[Answer(verb, "-ERR [SYS/TEMP] not now", first=1)])
    with pytest.raises(poplib.error_proto, match="not now"):
        pop_in(lab)
    pop_in(lab).quit()


IMAP_ACTS: dict[str, Callable[[imaplib.IMAP4], Any]] = {
    "NOOP": lambda imap: imap.noop(),
    "CAPABILITY": lambda imap: imap.capability(),
    "SELECT": lambda imap: imap.select("INBOX"),
    "STATUS": lambda imap: imap.status("INBOX", "(MESSAGES)"),
    "LIST": lambda imap: imap.list(),
    "CREATE": lambda imap: imap.create("Drafts2"),
    "DELETE": lambda imap: imap.delete("Drafts2"),
    "APPEND": lambda imap: imap.append("INBOX", "", None, b"Subject: two\r\n\r\nT9 OK not the end\r\n"),  # type: ignore[arg-type]
    "SEARCH": lambda imap: imap.search(None, "ALL"),
    "FETCH": lambda imap: imap.uid("FETCH", "1:*", "(BODY[])"),
    "STORE": lambda imap: imap.store("1", "+FLAGS", r"(\Deleted)"),
    "COPY": lambda imap: imap.copy("1", "INBOX"),
    "EXPUNGE": lambda imap: imap.expunge(),
    "CLOSE": lambda imap: imap.close(),
}


@pytest.mark.parametrize("verb", IMAP_ACTS)
def test_imap_refuses_a_verb_inside_tls_and_goes_on_afterwards(make: Make, verb: str) -> None:
    lab = make()
    put(lab)
    imap = imap_in(lab)
    lab.disturb(Answer(verb, "NO [UNAVAILABLE] try again", first=1))
    for other, act in IMAP_ACTS.items():
        try:
            kind, data = act(imap)
        except imaplib.IMAP4.error as error:
            kind, data = "NO", [str(error).encode()]
        assert (kind == "NO") == (other == verb), (other, data)
        if other == verb and other not in ("DELETE", "CLOSE"):
            assert act(imap)[0] == "OK"
    imap.logout()
    assert faults_of(lab) == [("answer", COMPANY_B)]


@pytest.mark.parametrize("verb", ["STARTTLS", "LOGIN"])
def test_imap_refuses_on_the_way_in(make: Make, verb: str) -> None:
    lab = make(faults=[Answer(verb, "BAD not now", first=1)])
    with pytest.raises(imaplib.IMAP4.error):
        imap_in(lab)
    imap_in(lab).logout()


def test_imap_answers_bye_and_hangs_up(make: Make) -> None:
    lab = make(faults=[Answer("FETCH", "BYE shutting down")])
    imap = imap_in(lab)
    with left_open(imap), pytest.raises(imaplib.IMAP4.abort):
        imap.fetch("1", "(FLAGS)")


# -- to whom, how often


def test_a_refusal_meets_one_recipient_and_spares_the_other(make: Make, submit: Submit) -> None:
    lab = make(faults=[Answer("RCPT", "550 5.1.1 gone", recipient="GOTO@*.jp", port=587)])
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        submit(lab)
    submit(lab, to=(GOTO, YAMADA))
    lab.settle()
    assert (len(lab.mailbox(GOTO)), len(lab.mailbox(YAMADA))) == (0, 1)


def test_the_end_of_a_letter_is_refused_by_who_is_to_have_it(make: Make, submit: Submit) -> None:
    lab = make(faults=[Answer(".", "554 5.7.1 not for him", recipient="goto@*", port=587)])
    with pytest.raises(smtplib.SMTPDataError, match="not for him"):
        submit(lab, to=(YAMADA, GOTO))
    submit(lab, to=(YAMADA,))
    lab.settle()
    assert handled(lab, COMPANY_A) == ["queued", "filed"]


@pytest.mark.parametrize(
    ("often", "codes"),
    [
        ({"first": 2}, [451, 451, 250, 250, 250, 250]),
        ({"every": 3}, [250, 250, 451, 250, 250, 451]),
        ({"probability": 0.0}, [250] * 6),
        ({"probability": 1.0}, [451] * 6),
        ({}, [451] * 6),
    ],
)
def test_how_often(make: Make, often: dict[str, Any], codes: list[int]) -> None:
    lab = make(faults=[Answer("NOOP", "451 4.3.0 no", **often)])
    with lab.host("goto-pc").smtp(COMPANY_B) as smtp:
        assert [smtp.noop()[0] for _ in range(6)] == codes


def luck(make: Make, seed: int) -> list[int]:
    lab = make(faults=[Answer("NOOP", "451 4.3.0 no", probability=0.5)], seed=seed)
    with lab.host("goto-pc").smtp(COMPANY_B) as one, lab.host("goto-pc").smtp(COMPANY_B) as two:
        return [client.noop()[0] for _ in range(20) for client in (one, two)]


def test_luck_comes_from_the_seed_alone(make: Make) -> None:
    assert luck(make, 1) == luck(make, 1) != luck(make, 2)
    assert set(luck(make, 1)) == {250, 451}


def test_conversations_beside_each_other_do_not_change_each_others_luck(make: Make) -> None:
    lab = make(faults=[Answer("NOOP", "451 4.3.0 no", probability=0.5)], seed=1)
    with lab.host("goto-pc").smtp(COMPANY_B) as one, lab.host("goto-pc").smtp(COMPANY_B) as two:
        codes = [*(one.noop()[0] for _ in range(20)), *(two.noop()[0] for _ in range(20))]
    mixed = luck(make, 1)
    assert codes == mixed[::2] + mixed[1::2]
    assert mixed[::2] != mixed[1::2]


def test_it_meets_the_named_hosts_alone(make: Make) -> None:
    lab = make(faults=[Answer("NOOP", "451 4.3.0 no", client="goto-pc", server=COMPANY_B, port=25)])
    for client, server, port, code in [
        ("goto-pc", COMPANY_B, 25, 451),
        ("goto-pc", COMPANY_B, 587, 250),
        ("yamada-pc", COMPANY_B, 25, 250),
        ("goto-pc", COMPANY_A, 25, 250),
    ]:
        with lab.host(client).smtp(server, port) as smtp:
            assert smtp.noop()[0] == code


# -- while it runs


def test_an_open_conversation_notices_a_fault_and_its_end(make: Make) -> None:
    lab = make()
    put(lab)
    smtp, pop, imap = smtp_in(lab), pop_in(lab), imap_in(lab)
    for _ in range(2):
        lab.disturb(Answer("any", "451 4.3.0 no"), Answer("any", "-ERR no"), Answer("any", "NO no"))
        assert smtp.noop()[0] == 451
        assert imap.noop()[0] == "NO"
        with pytest.raises(poplib.error_proto):
            pop.stat()
        lab.heal()
        assert smtp.noop()[0] == 250
        assert imap.fetch("1", "(BODY[])")[0] == "OK"
        assert pop.retr(1)[0].startswith(b"+OK")
    smtp.quit()
    pop.quit()
    imap.logout()


def test_a_letter_on_its_way_is_not_taken_for_commands_when_a_fault_begins(make: Make) -> None:
    lab = make()
    smtp = smtp_in(lab)
    smtp.mail(YAMADA)
    smtp.rcpt(GOTO)
    assert smtp.docmd("DATA")[0] == 354
    lab.disturb(Answer("any", "451 4.3.0 no"))
    smtp.send(b"Subject: x\r\n\r\nQUIT\r\nRSET\r\n.\r\n")
    assert smtp.getreply()[0] == 250
    assert smtp.noop()[0] == 451
    lab.heal()
    smtp.quit()
    lab.settle()
    assert lab.mailbox(GOTO)[0].raw.endswith(b"\r\n\r\nQUIT\r\nRSET\r\n")


def test_an_idle_session_and_an_appended_literal_outlast_the_beginning_of_a_fault(make: Make) -> None:
    lab = make()
    imap: Any = imap_in(lab)
    imap.send(b"I1 IDLE\r\n")
    assert imap.readline().startswith(b"+")
    lab.disturb(Delay("NOOP", seconds=0))
    imap.send(b"DONE\r\n")
    assert imap.readline().startswith(b"I1 OK")
    assert imap.append("INBOX", "", None, b"Subject: a\r\n\r\n" + b"T7 OK no\r\n" * 500)[0] == "OK"
    imap.send(b"I2 IDLE\r\n")
    while not imap.readline().startswith(b"+"):
        pass
    imap.send(b"DONE\r\n")
    assert imap.readline().startswith(b"I2 OK")
    imap.logout()


# -- commands in one go


def test_pipelined_commands_are_answered_in_their_order(make: Make) -> None:
    lab = make(faults=[Answer("RCPT", "450 4.2.1 busy", every=2)])
    with lab.host("goto-pc").smtp(COMPANY_B) as smtp:
        smtp.ehlo()
        smtp.send("MAIL FROM:<a@example.com>\r\n" + "RCPT TO:<goto@example.co.jp>\r\n" * 3 + "DATA\r\n")
        assert [smtp.getreply()[0] for _ in range(5)] == [250, 250, 450, 250, 354]
        smtp.send("Subject: x\r\n\r\nRCPT TO:<a@b>\r\n.\r\nNOOP\r\n")
        assert [smtp.getreply()[0] for _ in range(2)] == [250, 250]
    pop: Any = pop_in(lab)
    lab.disturb(Answer("LIST", "-ERR no"))
    pop.sock.sendall(b"STAT\r\nLIST\r\nUIDL\r\nNOOP\r\n")
    heads = [pop.file.readline()[:4] for _ in range(6)]
    assert (heads[:3], heads[4:]) == ([b"+OK ", b"-ERR", b"+OK "], [b".\r\n", b"+OK "])
    pop.quit()


def test_a_refused_literal_that_came_unasked_is_not_taken_for_commands(make: Make) -> None:
    lab = make(faults=[Answer("APPEND", "NO [OVERQUOTA] full", first=1)])
    imap: Any = imap_in(lab)
    imap.send(b"L1 APPEND INBOX {26+}\r\nL2 LOGOUT\r\nL3 LOGOUT\r\n....\r\nL4 NOOP\r\n")
    assert imap.readline() == b"L1 NO [OVERQUOTA] full\r\n"
    assert imap.readline().startswith(b"L4 OK")
    imap.logout()
    assert lab.mailbox(GOTO) == ()


# -- slow


@pytest.mark.parametrize("acted", [False, True])
def test_a_delay_passes_on_the_loops_time(make: Make, carrier: str, acted: bool) -> None:
    seconds = 100.0 if carrier == "memory" else 0.02
    lab = make(faults=[Delay(verb, seconds=seconds, acted=acted) for verb in ("RCPT", "RETR", "FETCH")])
    begun, at = lab._carrier.loop.time(), lab.clock.seconds()
    smtp = lab.host("goto-pc").smtp(COMPANY_B, 25, timeout=2000)
    smtp.sendmail(YAMADA, [GOTO], LETTER)
    smtp.quit()
    lab.settle()
    pop = pop_in(lab)
    pop.sock.settimeout(2000)
    assert b"Hello" in pop.retr(1)[1]
    pop.quit()
    imap = imap_in(lab)
    imap.sock.settimeout(2000)
    assert imap.fetch("1", "(FLAGS)")[0] == "OK"
    imap.logout()
    assert lab._carrier.loop.time() - begun >= 3 * seconds
    assert lab.clock.seconds() - at == (3 * seconds if carrier == "memory" else 0)
    assert [kind for kind, _ in faults_of(lab)] == ["delay"] * 3


def test_a_client_that_does_not_wait_for_a_delayed_reply_leaves_a_letter_that_was_taken(make: Make) -> None:
    lab = make(faults=[Delay(".", seconds=3600, acted=True)])
    smtp = lab.host("goto-pc").smtp(COMPANY_B, 25, timeout=0.1)
    with pytest.raises(GONE):
        smtp.sendmail(YAMADA, [GOTO], LETTER)
    smtp.close()
    lab.settle()
    assert len(lab.mailbox(GOTO)) == 1


@pytest.mark.parametrize("towards", ["client", "server"])
def test_slow_bytes_arrive_complete_through_tls(make: Make, towards: Any) -> None:
    lab = make(faults=[Trickle(octets=50, seconds=0.0002, towards=towards)])
    smtp = smtp_in(lab)
    smtp.sendmail(GOTO, [GOTO], b"Subject: slow\r\n\r\n" + b"0123456789\r\n" * 30)
    smtp.quit()
    lab.settle()
    pop = pop_in(lab)
    assert b"\r\n".join([*pop.retr(1)[1], b""]) == lab.mailbox(GOTO)[0].raw
    pop.quit()
    imap = imap_in(lab)
    assert imap.fetch("1", "(RFC822)")[1][0][1] == lab.mailbox(GOTO)[0].raw  # type: ignore[index]
    imap.logout()
    assert [kind for kind, _ in faults_of(lab)] == ["trickle"] * 3


# -- the end of a conversation


@pytest.mark.parametrize(("acted", "kept"), [(False, 0), (True, 1)])
def test_smtp_hangs_up_at_the_end_of_a_letter(make: Make, acted: bool, kept: int) -> None:
    lab = make(faults=[HangUp(".", acted=acted)])
    smtp = smtp_in(lab)
    with pytest.raises(GONE):
        smtp.sendmail(GOTO, [GOTO], LETTER)
    lab.settle()
    assert len(lab.mailbox(GOTO)) == kept
    assert faults_of(lab) == [("lost reply" if acted else "hang-up", COMPANY_B)]


@pytest.mark.parametrize(("acted", "kept"), [(False, 1), (True, 0)])
def test_pop3_hangs_up_at_quit_and_has_deleted_only_if_it_acted(make: Make, acted: bool, kept: int) -> None:
    lab = make()
    put(lab)
    pop = pop_in(lab)
    pop.dele(1)
    lab.disturb(HangUp("QUIT", acted=acted))
    with left_open(pop), pytest.raises(GONE):
        pop.quit()
    lab.settle()
    assert len(lab.mailbox(GOTO)) == kept
    lab.heal()
    pop_in(lab).quit()  # the maildrop is not locked any more


@pytest.mark.parametrize(("acted", "kept"), [(False, 0), (True, 1)])
def test_imap_hangs_up_at_append(make: Make, acted: bool, kept: int) -> None:
    lab = make()
    imap = imap_in(lab)
    lab.disturb(HangUp("APPEND", acted=acted))
    with left_open(imap), pytest.raises(GONE):
        imap.append("INBOX", "", None, LETTER)  # type: ignore[arg-type]
    lab.settle()
    assert len(lab.mailbox(GOTO)) == kept


@pytest.mark.parametrize("towards", ["client", "server"])
@pytest.mark.parametrize("enter", [smtp_in, pop_in, imap_in])
@pytest.mark.parametrize("after", [0, 30, 400, 600, 900, 1300])
def test_the_line_breaks_after_so_many_octets(
    make: Make, enter: Callable[[Lab], Any], towards: Any, after: int
) -> None:
    lab = make(faults=[Break(after=after, towards=towards)])

    def use_up() -> None:
        client = enter(lab)
        with left_open(client):
            for _ in range(200):
                client.noop()

    with pytest.raises(GONE):
        use_up()
    lab.settle()
    assert faults_of(lab) == [("break", COMPANY_B)]
    lab._carrier.run(closed(lab), 5)  # though a TLS handshake was going on


def test_a_break_counts_octets_exactly(make: Make) -> None:
    lab = make(faults=[Break(after=7, towards="client", port=25)])
    with lab.host("goto-pc").connect(COMPANY_B, 25) as sock:
        said = b""
        while more := sock.recv(100):
            said += more
    assert said == b"220 mai"
    lab.heal()
    lab.disturb(Break(after=10, towards="server", port=25))
    with lab.host("goto-pc").connect(COMPANY_B, 25) as sock:
        sock.recv(100)
        sock.sendall(b"NOOP\r\nNOOP\r\n")
        while sock.recv(100):
            pass
    assert lab.transcript.said(lab.transcript.flows()[-1], "C") == b"NOOP\r\nNOOP"


@pytest.mark.parametrize("acted", [False, True])
@pytest.mark.parametrize("enter", [smtp_in, pop_in, imap_in])
def test_a_server_that_hangs_up_at_the_door_to_tls_has_hung_up(
    make: Make, enter: Callable[[Lab], Any], acted: bool
) -> None:
    lab = make(faults=[HangUp("STARTTLS", acted=acted), HangUp("STLS", acted=acted)])
    with pytest.raises(GONE):
        enter(lab)
    lab._carrier.run(closed(lab), 5)
    assert faults_of(lab) == [("lost reply" if acted else "hang-up", COMPANY_B)]


@pytest.mark.parametrize("enter", [smtp_in, pop_in, imap_in])
def test_a_server_that_hangs_up_while_it_waits_for_a_handshake_has_hung_up(
    make: Make, enter: Callable[[Lab], Any]
) -> None:
    lab = make(faults=[make_fault(verb) for verb in ("STARTTLS", "STLS") for make_fault in (slowly, for_ever)])
    with pytest.raises(GONE):
        enter(lab)
    lab._carrier.run(closed(lab), 5)
    assert faults_of(lab) == [("delay", COMPANY_B), ("lost reply", COMPANY_B)]


def slowly(verb: str) -> Fault:
    return Delay(verb, seconds=0.01, acted=True)


def for_ever(verb: str) -> Fault:
    return HangUp(verb, acted=True)


@pytest.mark.parametrize(
    ("port", "command", "planted", "ready"),
    [
        (587, b"EHLO x\r\nSTARTTLS\r\n", b"NOOP\r\n", b"220 2.0.0 Ready to start TLS\r\n"),
        (110, b"STLS\r\n", b"CAPA\r\n", b"+OK"),
        (143, b"a STARTTLS\r\n", b"b NOOP\r\n", b"a OK"),
    ],
)
def test_what_is_planted_behind_starttls_is_forgotten_at_the_gate_too(
    make: Make, port: int, command: bytes, planted: bytes, ready: bytes
) -> None:
    """RFC 3207 §4.2: a stranger may have put it there."""
    lab = make(faults=[Delay("STARTTLS", seconds=0), Delay("STLS", seconds=0)])
    with lab.host("goto-pc").connect(COMPANY_B, port) as sock:
        assert sock.recv(1000).endswith(b"\r\n")
        sock.sendall(command + planted)
        said = b""
        while ready not in said:
            said += sock.recv(1000)
        secure = lab.tls_context().wrap_socket(sock, server_hostname=COMPANY_B)
        secure.sendall(b"x QUIT\r\n" if port == 143 else b"QUIT\r\n")
        first = secure.recv(1000)
        secure.close()
    assert first.startswith((b"221", b"+OK", b"x BAD")), first
    assert planted not in lab.transcript.said(lab.transcript.flows()[-1], "C")


# -- a man in the middle


def test_a_man_in_the_middle_hides_starttls_from_each_protocol(make: Make) -> None:
    lab = make(faults=[StripTLS(**MIDDLE)])
    smtp = lab.host("goto-pc").smtp(COMPANY_B, 587)
    with pytest.raises(smtplib.SMTPNotSupportedError):
        smtp.starttls(context=lab.tls_context())
    assert smtp.docmd("STARTTLS")[0] == 502
    smtp.quit()
    pop = lab.host("goto-pc").pop3(COMPANY_B)
    assert "STLS" not in pop.capa()
    with pytest.raises(poplib.error_proto):
        pop.stls(context=lab.tls_context())
    pop.quit()
    imap: Any = lab.host("goto-pc").imap(COMPANY_B)
    assert "STARTTLS" not in imap.capabilities
    assert imap.capability()[1] != [b""]
    with pytest.raises(imaplib.IMAP4.abort, match="not supported"):
        imap.starttls(ssl_context=lab.tls_context())
    imap.send(b"X1 STARTTLS\r\n")
    assert imap.readline().startswith(b"X1 BAD")
    imap.logout()
    assert {record.by for record in lab.transcript.only(Disturbed)} == {"goto-mobile"}
    assert not any(record.encrypted for record in lab.transcript.only(Said))
    commands = lab.transcript.conversation(1).splitlines()
    assert "    goto-mobile: 502 5.5.1 command not implemented" in commands
    assert "    S: 250-STARTTLS" in commands
    assert "    goto-mobile: 250-STARTTLS" not in commands


def test_others_are_offered_tls_while_somebody_is_robbed_of_it(make: Make, submit: Submit) -> None:
    lab = make(faults=[StripTLS(**MIDDLE)])
    with lab.host("goto-mobile").smtp(COMPANY_B, 587) as smtp:
        smtp.starttls(context=lab.tls_context())
    lab.heal()
    smtp_in(lab).quit()


REFUSED_HIM = """\
    C: STARTTLS
    S: 220 2.0.0 Ready to start TLS
    -- fault: goto-mobile, in the middle, shows a certificate of his own under the server's name --"""
HANDED_HIM_THE_PASSWORD = f"""\
{REFUSED_HIM}
    -- the client takes it: from here on TLS with goto-mobile, who reads every line and passes it on --
    C: ehlo [10.0.0.21]
    goto-mobile reads: ehlo [10.0.0.21]
    S: 250-mail.example.co.jp
    S: 250-SIZE 52428800
    S: 250-8BITMIME
    S: 250-SMTPUTF8
    S: 250-PIPELINING
    S: 250-ENHANCEDSTATUSCODES
    S: 250-AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER
    S: 250 HELP
    C: AUTH PLAIN ********
    goto-mobile reads: AUTH PLAIN AGdvdG8ANWMwYWQzYWFjZTEx
    S: 235 2.7.0 Authentication successful
    C: QUIT
    goto-mobile reads: QUIT
    S: 221 2.0.0 mail.example.co.jp closing connection"""


def conversation(lab: Lab, number: int) -> str:
    """From STARTTLS on."""
    return "    C: STARTTLS" + lab.transcript.conversation(number).partition("    C: STARTTLS")[2]


def test_a_false_certificate_is_refused_by_who_checks_and_read_by_its_maker_elsewhere(make: Make, carrier: str) -> None:
    import ssl

    from mailkit.net.memory_tls import MemoryTLSContext

    lab = make(faults=[FalseCertificate(**MIDDLE)])
    for enter in (smtp_in, pop_in, imap_in):
        with pytest.raises(ssl.SSLCertVerificationError) as caught:
            enter(lab)
        assert caught.value.verify_code == 20
    careless = MemoryTLSContext(ssl.PROTOCOL_TLS_CLIENT)
    careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
    with lab.host("goto-pc").smtp(COMPANY_B, 587) as smtp:
        smtp.starttls(context=careless)
        smtp.login("goto", lab.password(GOTO))
    assert [conversation(lab, number) for number in (1, 4)] == [REFUSED_HIM, HANDED_HIM_THE_PASSWORD]
    assert not any(" reads: " in conversation(lab, number) for number in (2, 3))
    assert [(record.kind, record.by) for record in lab.transcript.only(Disturbed)] == [
        ("certificate", "goto-mobile")
    ] * 4


# -- as it is shown


def test_the_transcript_shows_each_fault_as_what_it_is(make: Make) -> None:
    lab = make(faults=[Answer("NOOP", "451 4.3.0 no", first=1), HangUp("NOOP", acted=True)])
    smtp = lab.host("goto-pc").smtp(COMPANY_B)
    smtp.noop()
    with pytest.raises(GONE):
        smtp.noop()
    assert lab.transcript.conversation(1) == (
        "[1] goto-pc -> mail.example.co.jp:25 SMTP\n"
        "    S: 220 mail.example.co.jp ESMTP\n"
        "    C: noop\n"
        "    -- fault: the server refuses NOOP, and has done nothing --\n"
        "    S: 451 4.3.0 no\n"
        "    C: noop\n"
        "    S: 250 2.0.0 OK\n"
        "    -- fault: the connection ends: the server has acted on NOOP, but its reply is lost --"
    )


# -- sentences


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Answer("NOOP", "451 no", client="goto-pcc"), "Answer: no host 'goto-pcc'; there are: yamada-pc, "),
        (StripTLS(client="goto-pc", server=COMPANY_B, by="mallory"), "StripTLS: no host 'mallory'"),
        ("RCPT", "'RCPT' is no fault"),
    ],
)
def test_a_fault_between_unknown_hosts_is_refused_with_a_sentence(fault: Any, sentence: str) -> None:
    with pytest.raises(FaultError, match=sentence):
        Lab(two_domains(), carrier="memory", faults=[fault])


# -- the servers between themselves


def test_a_letter_that_is_deferred_by_a_fault_waits_and_arrives_after_it(make: Make, submit: Submit) -> None:
    lab = make(faults=[Answer("RCPT", "451 4.7.1 come back later", server=COMPANY_B, first=2)])
    submit(lab)
    with pytest.raises(StillWaiting, match=r"451 4\.7\.1 come back later"):
        lab.settle()
    lab.advance(hours=1)
    lab.settle()
    assert len(lab.mailbox(GOTO)) == 1
    assert handled(lab, COMPANY_A) == ["queued", "deferred", "deferred", "relayed"]


def test_a_letter_whose_reply_is_lost_arrives_twice(make: Make, submit: Submit) -> None:
    """RFC 1047: the sender cannot know, and a second letter is better than none."""
    lab = make(faults=[HangUp(".", server=COMPANY_B, acted=True, first=1)])
    submit(lab)
    with pytest.raises(StillWaiting, match="broke off"):
        lab.settle()
    lab.advance(hours=1)
    assert len(lab.mailbox(GOTO)) == 2


def test_settle_does_not_hang_on_a_server_that_never_answers(
    make: Make, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailkit.lab.settling.SETTLE_SECONDS", 0.2)
    lab = make(faults=[Delay("EHLO", seconds=24 * 3600, server=COMPANY_B)])
    submit(lab)
    with pytest.raises(StillWaiting, match="not finished after"):
        lab.settle()


def run(make: Make, seed: int) -> tuple[list[object], str]:
    faults: list[Fault] = [
        Answer("RCPT", "451 4.7.1 later", probability=0.5),
        HangUp("DATA", probability=0.2),
        Delay("MAIL", seconds=0.001, every=2),
        Break(after=700, towards="server", probability=0.3),
        Trickle(octets=500, seconds=0.0001, probability=0.3),
        StripTLS(client="yamada-pc", server=COMPANY_A, by="goto-mobile", every=4),
    ]
    lab = make(faults=faults, seed=seed)
    for _ in range(6):
        try:
            smtp = lab.host("yamada-pc").smtp(COMPANY_A, 587)
            with left_open(smtp):
                smtp.starttls(context=lab.tls_context())
                smtp.login("yamada", lab.password(YAMADA))
                smtp.sendmail(YAMADA, [GOTO], LETTER)
        except (smtplib.SMTPException, OSError):
            pass
        try:
            lab.settle()
        except StillWaiting:
            lab.advance(minutes=30)
    return list(lab.transcript), repr(lab.transcript)


@pytest.mark.parametrize("carrier", ["memory"], indirect=True)
def test_the_same_faults_and_seed_make_the_same_transcript(make: Make) -> None:
    assert run(make, 7) == run(make, 7)
    assert run(make, 7)[1] != run(make, 8)[1]
