"""The eavesdropper without a browser: what each way gives away, on both carriers, and what TLS never hides."""

import base64
import ssl

import pytest

from mailkit.lab.lab import Lab
from mailkit.lab.story import dmz, single_server, two_domains
from mailkit.lab.topology import TopologyError
from mailkit.server.faults import FalseCertificate
from mailkit.widgets import Eavesdropper
from mailkit.widgets.eavesdropper import EavesdropperModel
from mailkit.widgets.overheard import overheard
from mailkit.widgets.overheard_login import Found, Login, login
from mailkit.widgets.overheard_runs import PORTS, WAYS, make, scene
from mailkit.widgets.overhearing import overhear

A, SECRETS = "mail.example.com", ("user", "password", "envelope", "letter")
CLEAR = {"clear": "seen", "starttls": "hidden", "stripped": "seen", "implicit": "hidden"}


def states(heard):
    return {item: heard.learnt[item].state for item in SECRETS}


@pytest.mark.parametrize("carrier", ["memory", "tcp"])
@pytest.mark.parametrize("service", [*PORTS])
@pytest.mark.parametrize("way", WAYS)
def test_what_each_way_gives_away(service, way, carrier):
    seen = scene(two_domains())
    run = make(seen, service, way, carrier=carrier)
    heard = overheard(run.transcript, run.flow, A)
    expected = dict.fromkeys(SECRETS, CLEAR[way])
    if service != "SMTP":
        expected["envelope"] = "none"
    assert states(heard) == expected
    assert {heard.learnt[item].state for item in ("ends", "name", "sizes")} == {"seen"}
    secret = Lab(seen.topology).password(seen.user)
    assert heard.learnt["password"].value == (secret if CLEAR[way] == "seen" else "")
    assert any("under the mat" in line for s in heard.sights for line in s.lines) == (CLEAR[way] == "seen")


def test_the_same_is_heard_over_tcp_and_in_memory():
    seen = scene(single_server())
    for service in PORTS:
        for way in WAYS:
            runs = [make(seen, service, way, carrier=carrier) for carrier in ("memory", "tcp")]
            first, second = (overhear(run.transcript, run.flow) for run in runs)
            assert first == second


def test_the_heading_says_from_which_line_on_it_is_a_tube():
    model = EavesdropperModel(Lab(two_domains()), carrier="memory")
    headings = {}
    for way in WAYS:
        model.listen(way)
        headings[way] = model.column(way).heard.heading
    assert headings == {
        "clear": "Lines 1 to 24: all of it readable.",
        "starttls": "Lines 1 to 12 readable; from line 13 on a tube.",
        "stripped": "Lines 1 to 25: all of it readable.",
        "implicit": "A tube from the first octet on: not even the greeting can be read.",
    }
    tube = model.column("starttls").heard
    assert [s.lines[0] for s in tube.sights if s.by == "C"][-1].startswith("encrypted, 6 octets")
    assert {s.kind for s in tube.sights[tube.tls_from :]} == {"noise", "end"}


def test_base64_is_decoded_and_called_a_spelling():
    model = EavesdropperModel(Lab(two_domains()), carrier="memory")
    model.listen("clear")
    assert "␀yamada@example.com␀" in model.text()
    assert "Base64 is spelling, not a lock" in model.text()


@pytest.mark.parametrize("service", [*PORTS])
def test_a_program_that_insists_says_goodbye_before_its_password(service):
    run = make(scene(two_domains()), service, "stripped", insists=True, carrier="memory")
    heard = overheard(run.transcript, run.flow, A)
    assert {states(heard)[item] for item in ("user", "password", "letter")} == {"unsaid"}
    assert run.notes[-1].startswith("No offer of TLS came, and this mail program insists on it")


def test_the_man_in_the_middle_is_seen_to_pass_on_another_offer():
    run = make(scene(two_domains()), "SMTP", "stripped", carrier="memory")
    sights = overhear(run.transcript, run.flow)
    fault = next(s for s in sights if s.kind == "fault")
    assert any("250-STARTTLS" in line for s in sights[: fault.number - 1] for line in s.lines)
    assert fault.lines[1:]
    assert not any("STARTTLS" in line for line in fault.lines[1:])


def test_a_false_certificate_that_is_taken_makes_the_tube_readable():
    lie = FalseCertificate(client="yamada-pc", server=A, by="attacker")
    with Lab(single_server(), faults=[lie], carrier="memory", name="false certificate") as lab:
        smtp = lab.host("yamada-pc").smtp(A, 587)
        trusting = lab.tls_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        smtp.starttls(context=trusting)
        smtp.login("yamada", lab.password("yamada@example.com"))
        smtp.quit()
    heard = overheard(lab.transcript, lab.transcript.flows()[0], A)
    assert heard.learnt["password"].value == lab.password("yamada@example.com")
    assert heard.tls_from == 0


def test_what_had_to_be_changed_for_a_run_is_said():
    clear = make(scene(two_domains()), "POP3", "clear", carrier="memory").notes
    assert clear == [
        "For this run the server takes passwords without TLS, as it should not (login_in_clear).",
        "For this run the server listens at port 110 too.",
    ]
    assert make(scene(two_domains()), "SMTP", "starttls", carrier="memory").notes == []


def test_where_python_has_no_tls_one_sentence_says_so(monkeypatch):
    monkeypatch.setattr(ssl, "OPENSSL_VERSION", "none (stub)")
    model = EavesdropperModel(Lab(two_domains(), carrier="memory"), carrier="memory")
    model.listen_all()
    assert model.text().count("This Python has no TLS, as in a browser: this run cannot be made here.") == 3
    assert model.column("clear").heard.learnt["password"].state == "seen"


def test_the_labs_own_conversation_comes_first_and_the_lab_is_only_read():
    with Lab(two_domains(), carrier="memory", name="overheard") as lab:
        shown = Eavesdropper(lab, carrier="memory")
        assert shown.way == "clear"
        assert "In your lab" not in repr(shown)
        with lab.host("yamada-pc").smtp(A, 25) as smtp:
            smtp.sendmail("yamada@example.com", ["yamada@example.com"], "Subject: by port 25\n\nHello")
        lab.settle()
        before = len(lab.transcript)
        shown.way = "yours"
        assert "the letter: Subject: by port 25, 30 octets" in repr(shown)
        shown.listen_all()
        assert len(lab.transcript) == before
    assert (shown.way, shown.model.ends) == ("yours", ("yamada-pc", A))


def test_it_finds_whom_to_listen_to():
    found = scene(dmz(), user="goto@example.co.jp")
    assert (found.client, found.server.host) == ("goto-pc", "mail.example.co.jp")
    assert scene(dmz(), "goto-mobile", "goto@isp.example").server.host == "mail.isp.example"
    with pytest.raises(TopologyError, match="nobody to listen to: no mailbox 'a@b"):
        scene(dmz(), user="a@b.c")


def test_choices_that_are_none():
    shown = Eavesdropper(Lab(two_domains()), carrier="memory")
    with pytest.raises(ValueError, match="no 'FTP'; there are: SMTP, POP3, IMAP4"):
        shown.service = "FTP"
    with pytest.raises(ValueError, match="no 'loud'; there are: clear, starttls, stripped, implicit"):
        shown.listen("loud")
    shown._heard(None, {"do": "listen", "way": "loud"}, None)
    shown._heard(None, {"do": "listen", "way": "implicit"}, None)
    assert (shown.way, shown.service) == ("implicit", "SMTP")


def spelled(said: bytes) -> str:
    return f"C: {base64.b64encode(said).decode()}"


def test_a_run_that_ends_as_before_is_still_answered():
    shown, answers = Eavesdropper(Lab(two_domains()), carrier="memory"), []
    shown.observe(answers.append, "_picture")
    for _ in range(2):
        shown._heard(None, {"do": "listen", "way": "clear"}, None)
    assert len(answers) == 2


LOGINS = {
    "plain": (587, "AUTH PLAIN", ["S: 334 ", spelled(b"x\0me@a.example\0secret")]),
    "login": (587, "AUTH LOGIN", ["S: 334 VXNlcg==", spelled(b"me@a.example"), "S: 334 UGFzcw==", spelled(b"secret")]),
    "bearer": (587, "AUTH XOAUTH2", ["S: 334 ", spelled(b"user=me@a.example\1auth=Bearer secret\1\1")]),
    "imap": (143, 'a1 LOGIN "me@a.example" "secret"', []),
    "pop": (110, "USER me@a.example", ["S: +OK", "C: PASS secret"]),
}


@pytest.mark.parametrize(("port", "command", "rest"), LOGINS.values(), ids=LOGINS)
def test_every_way_to_log_in_is_read(run, port, command, rest):
    flow = run.call("yamada-pc", A, port)
    run.talk(flow, f"C: {command}", *rest)
    found = login(overhear(run.transcript, flow))
    assert (found.user.text, found.password.text) == ("me@a.example", "secret")


def test_apop_gives_away_who_but_no_password(run):
    flow = run.call("yamada-pc", A, 110)
    run.talk(flow, "S: +OK <1.2@x>", "C: APOP me 0123456789abcdef")
    assert login(overhear(run.transcript, flow)) == Login(Found("me", 2))


def test_hostile_content_cannot_act(run):
    evil = "<img src=x onerror=alert(1)>\u202e\x07"
    flow = run.call("yamada-pc", A, 587)
    run.talk(flow, f"C: MAIL FROM:<{evil}>", "S: 250 ok", "C: DATA", "S: 354 go")
    run.content(flow, f"Subject: {evil}\r\n\r\n{evil}\r\n".encode())
    shown = Eavesdropper(run)
    for text in (repr(shown), repr(shown._picture), shown.svg()):
        assert "\u202e" not in text
        assert "\x07" not in text
    assert "<img" not in shown.svg()


def test_a_long_letter_and_a_long_conversation_are_cut(run):
    flow = run.call("yamada-pc", A, 587)
    run.talk(flow, "C: DATA", "S: 354 go")
    run.content(flow, b"line\r\n" * 10_000)
    run.talk(flow, *["C: NOOP", "S: 250 ok"] * 200)
    shown = Eavesdropper(run)
    assert len(repr(shown).splitlines()) < 200
    assert len(shown._picture["wire"]["sights"]) == 200
    assert shown._picture["wire"]["more"] == "… and 204 lines more"
