"""Whatever an attacker writes, wherever he writes it: no widget's data, words or picture has a character that acts."""

import dataclasses
import json
import xml.etree.ElementTree as ET

import pytest

import mailkit.widgets
from mailkit import Host, Lab, RelayRule, Rule, direct_to_pc, dmz, single_server, two_domains, two_pcs
from mailkit.study.store import Store
from mailkit.widgets import (
    Console,
    Eavesdropper,
    EnvelopeAndLetter,
    FirewallDesigner,
    Hints,
    HopMap,
    Ladder,
    LookBack,
    MailFlowMap,
    Predict,
    ProgressMap,
    RelayTable,
    Timeline,
    TwoPCBench,
)
from mailkit.widgets.console_picture import picture as console_picture
from mailkit.widgets.flow_picture import picture as map_picture
from mailkit.widgets.ladder_picture import details, head, sheet

from ..hostile import CORPUS, acting
from .conftest import FROM, GOTO, TO, YAMADA, A, B

hostile = pytest.mark.parametrize("payload", CORPUS.values(), ids=CORPUS)


def octets(payload):
    """As it goes over the wire: one line."""
    return payload.replace("\r", "").replace("\n", "").encode("utf-8", "surrogatepass")


def harmless(*shown):
    for one in shown:
        assert not acting(one)
        json.dumps(one, ensure_ascii=False).encode()  # a lone surrogate would stop the way to the page


def harmless_in_all_forms(widget, *shown):
    """What the page gets, the words, and the picture or the page that is stored."""
    harmless(repr(widget), widget.svg(), widget.html(), *shown)
    if picture := widget.svg():
        ET.fromstring(picture)


def test_no_widget_is_left_out():
    assert [name for name in mailkit.widgets.__all__ if name[0].isupper() and name not in globals()] == []


@pytest.fixture
def attacked(run):
    """`attacked(payload)`: a run with it in host and zone titles, a letter's header, replies, commands, DNS, faults."""

    def attack(payload):
        world, raw = run.topology, octets(payload)
        hosts = tuple(host._replace(title=payload) if host.name in (GOTO, B) else host for host in world.hosts)
        zones = (world.zones[0]._replace(title=payload), *world.zones[1:])
        run.topology = dataclasses.replace(world, hosts=hosts, zones=zones)
        letter = b"From: " + raw + b" <x@y>\r\nTo: " + raw + b"\r\nSubject: " + raw + b"\r\n\r\n" + raw + b"\r\n"
        run.hand_in(raw=letter)
        run.relay(raw=letter)
        run.handled(B, "B2", "queued", None, payload, f"{payload}@example.co.jp")
        run.asked(payload, "MX", payload)
        run.fetch_pop3(run.stored(raw=letter))
        flow = run.call(YAMADA, A, 25)
        for code in (b"220 ", b"250-", b"450 ", b"550 "):
            run.talk(flow, code + raw + b"\r\n")
        run._say(flow, "C", b"EHLO " + raw + b"\r\n")
        run._say(flow, "C", raw + b"\r\n")
        return run

    return attack


@hostile
def test_the_map(attacked, payload):
    shown = MailFlowMap(attacked(payload))
    assert shown.model.last == 3
    harmless_in_all_forms(shown, map_picture(shown.model), *(shown.model.text(step) for step in range(4)))


@hostile
def test_the_ladder(attacked, payload):
    shown = Ladder(attacked(payload))
    model = shown.model
    harmless_in_all_forms(shown, head(model), sheet(model, 0), model.text(None))
    for row in model.rows:
        model.select(row.number)
        harmless(details(model), model.text())


@hostile
def test_the_ladder_with_its_secrets_shown(run, payload):
    flow = run.call(GOTO, B, 110)
    run.talk(flow, "S: +OK", "C: USER goto", "S: +OK")
    run._say(flow, "C", b"PASS " + octets(payload) + b"\r\n")
    model = Ladder(run).model
    model.secrets_shown = True
    for row in model.rows:
        model.select(row.number)
        harmless(sheet(model, 0), details(model))


@hostile
@pytest.mark.parametrize("port", [25, 110, 143])
def test_the_console(monkeypatch, payload, port):
    with Lab(single_server(), name="hostile", carrier="memory") as lab:
        console = Console(lab.host("yamada-pc"), "mail.example.com", port)
        model = console.model
        model.say(f"NOOP {payload}")
        model.say(payload)
        words = {25: [b"250-", b"550 "], 110: [b"-ERR "], 143: [b"* OK ", b"a1 NO "]}[port]
        replies = iter([*(word + octets(payload) + b"\r\n" for word in words), octets(payload) + b"\r\n"])
        monkeypatch.setattr(model._line, "line", lambda *, wait: next(replies, None))
        model._read()
        shown = console_picture(model)
        del shown["history"]  # the learner's own lines, for the field that they were typed into
        harmless_in_all_forms(console, shown)


@hostile
def test_the_eavesdropper(attacked, payload):
    shown = Eavesdropper(attacked(payload), carrier="memory")
    for number in (0, *shown.model.conversations()):
        shown.conversation = number
        harmless_in_all_forms(shown, shown._picture)


@hostile
def test_the_relay_table(run, payload):
    hosts = tuple(h._replace(title=payload) if h.name == YAMADA else h for h in run.topology.hosts)
    shown = RelayTable(dataclasses.replace(run.topology, hosts=hosts), A)
    shown.rules = (RelayRule(YAMADA, None, "any", "relay"), *shown.rules)
    harmless_in_all_forms(shown, shown._picture)


@hostile
def test_envelope_and_letter(payload):
    with Lab(two_domains(), name="hostile", carrier="memory") as lab:
        shown = EnvelopeAndLetter(lab, FROM)
        said = dict.fromkeys(("subject", "body", "from_", "to", "bcc"), payload)
        shown.send(**said, mail_from=payload[:40], rcpt_to=(TO, payload[:40]))
        shown.send(mail_from=FROM, rcpt_to=(TO,))
        shown.reveal()
        harmless_in_all_forms(shown, shown._picture)


@hostile
def test_the_hop_map(attacked, payload):
    run = attacked(payload)
    fields = b"Received: from " + octets(payload) + b" by x; y\r\nReceived: " + octets(payload) + b"\r\n"
    shown = HopMap(run, fields + b"Subject: " + octets(payload) + b"\r\n\r\nhi\r\n")
    for place in (0, *(-rung.place for rung in shown.model.forged)):
        shown.selected = place
        assert shown.selected == place
        harmless_in_all_forms(shown, shown._picture, shown._details)


@hostile
def test_the_timeline(payload):
    world = direct_to_pc()
    hosts = tuple(host._replace(title=payload) for host in world.hosts)
    with Lab(dataclasses.replace(world, hosts=hosts), name="hostile", carrier="memory") as lab:
        shown = Timeline(lab)
        shown.switch_off(GOTO)
        shown.send_letter("goto@goto-pc.example.co.jp")
        harmless_in_all_forms(shown, shown._picture)


@hostile
def test_the_bench(payload):
    world, raw = two_pcs(), payload.replace("\r", "").replace("\n", "").encode("utf-8", "replace")
    hosts = tuple(host._replace(title=payload) if host.name == GOTO else host for host in world.hosts)
    with Lab(dataclasses.replace(world, hosts=hosts), name="hostile", carrier="memory") as lab:
        imap = lab.host(GOTO).imap(B)
        imap.starttls(lab.tls_context())
        imap.login("goto", lab.password(TO))
        letter = b"From: " + raw + b"\r\nSubject: " + raw + b"\r\n\r\n" + raw + b"\r\n"
        imap.append("INBOX", None, None, letter.replace(b"\0", b""))
        shown = TwoPCBench(lab)
        for protocol, key in (("IMAP4", "1"), ("POP3", "1.1")):
            shown.use(protocol)
            shown.act(0, "connect")
            shown.act(0, "read", key)
            assert shown._picture["pcs"][0]["sheet"]["lines"]
            harmless_in_all_forms(shown, shown._picture)


def test_the_designer():
    """All of them at once: it tries each host against each."""
    world, names = dmz(), [text for name, text in CORPUS.items() if name != "not text"]
    more = (Host(name, f"10.0.0.{100 + at}", "internal") for at, name in enumerate(names))
    zones = tuple(zone._replace(title=names[0]) for zone in world.zones)
    shown = FirewallDesigner(dataclasses.replace(world, zones=zones, hosts=(*world.hosts, *more)))
    shown.add(Rule(names[0], "internet", 25, "accept"), at=1)
    choices = [shown._rules.pop("places"), shown._trials.pop("hosts")]
    harmless_in_all_forms(shown, shown._heat, shown._rules, shown._trials)
    harmless([words for choice in choices for _name, words in choice])


@hostile
def test_the_study_cards(payload, tmp_path):
    store = Store(tmp_path / "progress.json")
    question = Predict("00/where", payload, {"a": payload, "b": payload}, store)
    question.choose("a")
    steps = Hints("09/x", [payload] * 3, store)
    steps.show_next()
    progress = ProgressMap(store)
    progress._handle_custom_msg({"do": "import", "text": payload}, [])
    for card in (question, LookBack({"00/where": "b"}, store), steps, progress):
        harmless_in_all_forms(card, card._picture)


def test_the_corpus_acts_where_nothing_is_done_about_it():
    assert sum(bool(acting(payload)) for payload in CORPUS.values()) >= 4
    assert acting({"a": ["\u202e"]}) == [".a[0]: U+202E"]
    assert TO not in acting({TO: "plain\ttext\n"})
