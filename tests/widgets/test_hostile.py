"""Whatever an attacker writes, wherever he writes it: no widget's data, words or picture has a character that acts."""

import dataclasses
import json
import xml.etree.ElementTree as ET

import pytest

from mailkit import Lab
from mailkit.lab.story import single_server
from mailkit.server.relay_policy import RelayRule
from mailkit.widgets import Eavesdropper, RelayTable
from mailkit.widgets.console import ConsoleModel
from mailkit.widgets.console_picture import picture as console_picture
from mailkit.widgets.flow_map import FlowMapModel
from mailkit.widgets.flow_picture import picture as map_picture
from mailkit.widgets.ladder import LadderModel
from mailkit.widgets.ladder_picture import details, head, sheet
from mailkit.widgets.ladder_svg import svg

from ..hostile import CORPUS, acting
from .conftest import GOTO, TO, YAMADA, A, B

hostile = pytest.mark.parametrize("payload", CORPUS.values(), ids=CORPUS)


def octets(payload):
    """As it goes over the wire: one line."""
    return payload.replace("\r", "").replace("\n", "").encode("utf-8", "surrogatepass")


def harmless(*shown):
    for one in shown:
        assert not acting(one)
        json.dumps(one, ensure_ascii=False).encode()  # a lone surrogate would stop the way to the page


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
    run = attacked(payload)
    model = FlowMapModel(run.topology, run.transcript)
    assert model.last == 3
    harmless(map_picture(model), *(model.text(step) for step in range(4)))


@hostile
def test_the_ladder(attacked, payload):
    run = attacked(payload)
    model = LadderModel(run.topology, run.transcript)
    harmless(head(model), sheet(model, 0), model.text(None), svg(model))
    ET.fromstring(svg(model))
    for row in model.rows:
        model.select(row.number)
        harmless(details(model), model.text())


@hostile
def test_the_ladder_with_its_secrets_shown(run, payload):
    flow = run.call(GOTO, B, 110)
    run.talk(flow, "S: +OK", "C: USER goto", "S: +OK")
    run._say(flow, "C", b"PASS " + octets(payload) + b"\r\n")
    model = LadderModel(run.topology, run.transcript)
    model.secrets_shown = True
    for row in model.rows:
        model.select(row.number)
        harmless(sheet(model, 0), details(model))


@hostile
@pytest.mark.parametrize("port", [25, 110, 143])
def test_the_console(monkeypatch, payload, port):
    with Lab(single_server(), name="hostile", carrier="memory") as lab:
        model = ConsoleModel(lab.host("yamada-pc"), "mail.example.com", port)
        model.say(f"NOOP {payload}")
        model.say(payload)
        words = {25: [b"250-", b"550 "], 110: [b"-ERR "], 143: [b"* OK ", b"a1 NO "]}[port]
        replies = iter([*(word + octets(payload) + b"\r\n" for word in words), octets(payload) + b"\r\n"])
        monkeypatch.setattr(model._line, "line", lambda *, wait: next(replies, None))
        model._read()
        shown = console_picture(model)
        del shown["history"]  # the learner's own lines, for the field that they were typed into
        harmless(shown, model.text())


@hostile
def test_the_eavesdropper(attacked, payload):
    shown = Eavesdropper(attacked(payload), carrier="memory")
    for number in (0, *shown.model.conversations()):
        shown.conversation = number
        harmless(shown._picture, repr(shown), shown.svg())
        ET.fromstring(shown.svg())


@hostile
def test_the_relay_table(run, payload):
    hosts = tuple(h._replace(title=payload) if h.name == YAMADA else h for h in run.topology.hosts)
    shown = RelayTable(dataclasses.replace(run.topology, hosts=hosts), A)
    shown.rules = (RelayRule(YAMADA, None, "any", "relay"), *shown.rules)
    harmless(shown._picture, repr(shown), shown.svg())
    ET.fromstring(shown.svg())


def test_the_corpus_acts_where_nothing_is_done_about_it():
    assert sum(bool(acting(payload)) for payload in CORPUS.values()) >= 4
    assert acting({"a": ["\u202e"]}) == [".a[0]: U+202E"]
    assert TO not in acting({TO: "plain\ttext\n"})
