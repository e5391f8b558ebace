"""The firewall designer as a widget without a browser: what the page sends and gets, what is saved and exported."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from ipaddress import IPv4Address
from xml.etree import ElementTree

import pytest

from mailkit.lab.lab import Lab
from mailkit.lab.story import INTERNAL, dmz
from mailkit.lab.topology import Topology, TopologyError
from mailkit.lab.topology_text import from_toml
from mailkit.net.zones import Firewall, Host, Rule
from mailkit.widgets import FirewallDesigner

HOSTILE = '<img src=x onerror="alert(1)">\u202egnp\x07'


@pytest.fixture
def shown() -> FirewallDesigner:
    return FirewallDesigner(dmz())


def tell(widget: FirewallDesigner, **message: object) -> None:
    """What the page sends; then it asks until all is tried."""
    widget._handle_custom_msg(message, [])
    while widget.get_state()["_trials"]["pending"]:
        widget._handle_custom_msg({"do": "go on"}, [])


def cells(widget: FirewallDesigner) -> dict[str, dict]:
    found = (cell for row in widget.get_state()["_heat"]["rows"] for cell in row["cells"] if cell)
    return {" ".join(map(str, cell["cell"])): cell for cell in found}


def trial(widget: FirewallDesigner, key: str) -> dict:
    return next(one for one in widget.get_state()["_trials"]["trials"] if one["key"] == key)


def said(widget: FirewallDesigner) -> dict:
    return widget.get_state()["_said"]


def test_its_repr_tells_all_and_holds_no_place_of_this_computer(shown: FirewallDesigner) -> None:
    assert repr(shown).startswith("Firewall designer: 6 of 6 attacks stopped, 5 of 5 mail flows work.")
    assert "2 any → relay, TCP 25: let through" in repr(shown)
    assert "attacker → relay 25: reached (rule 2)" in repr(shown)
    assert "0x" not in repr(shown)


def test_the_saved_notebook_has_a_picture_and_words(shown: FirewallDesigner) -> None:
    bundle = shown._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["text/plain"] == repr(shown)
    picture = ElementTree.fromstring(data["image/svg+xml"])
    texts = [element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert "✓ attacker scans every port: dropped" in texts
    assert texts.count("✓ 2") == 5, "rule 2 lets five rows of callers to the relay"


def test_it_begins_with_a_labs_rules_and_leaves_the_lab_alone() -> None:
    with Lab(dmz(), name="designed", carrier="memory") as lab:
        widget = FirewallDesigner(lab)
        widget.remove(2)
        assert len(lab.topology.rules) == len(widget.rules) + 1
        assert not lab.transcript.flows()


def test_the_page_changes_rules_and_sees_at_once_what_became_of_them(shown: FirewallDesigner) -> None:
    assert cells(shown)["attacker relay 25"]["verdict"] == "accept"
    rule = {"source": "attacker", "destination": "relay", "port": " 25 ", "action": "reject", "log": True}
    shown._handle_custom_msg({"do": "save", "rule": 0, **rule}, [])
    assert shown.rules[5] == Rule("attacker", "relay", 25, "reject", log=True)
    assert cells(shown)["attacker relay 25"]["verdict"] == "accept", "the last rule comes too late"
    shown._handle_custom_msg({"do": "move", "rule": 6, "to": 1}, [])
    cell = cells(shown)["attacker relay 25"]
    assert (cell["verdict"], cell["rule"], cell["tried"]) == ("reject", 1, True)
    assert (said(shown)["text"], said(shown)["at"]) == ("Rule 6 is now rule 1.", 1)
    assert trial(shown, "relaying")["fresh"] is False
    tell(shown, do="remove", rule=1)
    assert shown.rules == dmz().rules
    assert trial(shown, "relaying")["fresh"] is True
    tell(shown, do="undo")
    assert len(shown.rules) == 6


def test_the_rest_of_the_buttons(shown: FirewallDesigner) -> None:
    tell(shown, do="default", action="reject")
    assert (shown.topology.default, trial(shown, "pcs")["word"]) == ("reject", "refused")
    tell(shown, do="op25b")
    assert shown.get_state()["_rules"]["op25b"] is True
    assert trial(shown, "op25b")["passed"]
    tell(shown, do="fall", host="goto-pc")
    assert shown.get_state()["_trials"]["fallen"] == "goto-pc"
    tell(shown, do="try")
    assert shown.get_state()["_trials"]["pending"] == 0


def test_needless_rules_are_named(shown: FirewallDesigner) -> None:
    tell(shown, do="needs")
    assert said(shown)["text"] == "Every rule is needed."
    tell(shown, do="save", rule=0, source="goto-pc", destination="internet", port="", action="drop", log=False)
    tell(shown, do="needs")
    assert said(shown)["text"] == "These rules can go, and nothing breaks: 6."
    assert "6 goto-pc → Internet, any port: drop; removing it breaks nothing." in repr(shown)


def test_an_open_cell_says_which_rule_decided(shown: FirewallDesigner) -> None:
    tell(shown, do="cell", cell=["attacker", "relay", 25])
    why = shown.get_state()["_heat"]["why"]
    assert why["lines"] == ["attacker → relay, port 25: reached (rule 2)"]
    assert (why["rule"], why["number"]) == ("Rule 2: any → relay, TCP 25: let through", 2)
    tell(shown, do="cell", cell=["mail.example.com", INTERNAL, 993])
    assert len(shown.get_state()["_heat"]["why"]["lines"]) == 25 - 1, "a folded cell is cut"
    tell(shown, do="cell")
    assert shown.get_state()["_heat"]["why"] is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"port": "smtp"}, "'smtp' is no port; expected a number from 1 to 65535, or nothing for any port."),
        ({"port": "70000"}, "'70000' is no port; expected a number from 1 to 65535, or nothing for any port."),
        ({"source": "relais"}, "Did you mean 'relay'?"),
        ({"action": "allow"}, "no action 'allow'; there are: accept, reject, drop."),
        ({"rule": 77}, "no rule '77' in the firewall"),
    ],
)
def test_what_cannot_be_is_told_and_changes_nothing(shown: FirewallDesigner, change: dict, sentence: str) -> None:
    rule = {"rule": 2, "source": "any", "destination": "relay", "port": "25", "action": "drop", "log": False}
    tell(shown, do="save", **{**rule, **change})
    assert said(shown)["wrong"]
    assert sentence in said(shown)["text"]
    assert shown.rules == dmz().rules


@pytest.mark.parametrize(
    "nonsense", ["text", None, {"do": 3}, {"do": "move"}, {"do": "cell", "cell": [1]}, {"do": "export", "form": "exe"}]
)
def test_nonsense_from_the_page_changes_nothing(shown: FirewallDesigner, nonsense: object) -> None:
    before = repr(shown)
    shown._handle_custom_msg(nonsense, [])
    assert repr(shown) == before


def test_python_gets_its_errors_as_exceptions(shown: FirewallDesigner) -> None:
    with pytest.raises(TopologyError, match="no zone or host 'relais'"):
        shown.add(Rule("relais", "any", 25, "accept"))


# -- export


def test_python_and_toml_read_back_to_the_same_rules(shown: FirewallDesigner) -> None:
    shown.add(Rule("any", INTERNAL, None, "reject", log=True))
    names = {"world": dmz()}
    exec(shown.export("python"), names)
    assert names["world"] == shown.topology
    assert from_toml(shown.export("toml")) == shown.topology


LINE = re.compile(
    r"(?:ip saddr (?P<s>\{.*?\}|\S+) )?(?:ip daddr (?P<d>\{.*?\}|\S+) )?(?P<port>.*?)\b(?P<act>accept|reject|drop)"
)


def decide(table: str, source: Host, destination: Host, port: int) -> str:
    """What a line-by-line reading of the ruleset says of a new connection."""
    for line in table.splitlines():
        text = line.strip()
        if not text.startswith(("ip ", "tcp ", "meta ", "counter ")):
            continue
        found = LINE.match(text)
        assert found, text
        wanted = re.search(r"tcp dport (\d+)", text)
        ends = [(found["s"], source.address), (found["d"], destination.address)]
        is_between = all(not said or address in re.findall(r"[\d.]+", said) for said, address in ends)
        if is_between and (wanted is None or int(wanted[1]) == port):
            return found["act"]
    raise AssertionError("the table ends without a verdict")


@pytest.mark.parametrize("default", ["accept", "reject", "drop"])
def test_the_table_for_nftables_decides_as_the_firewall_does(default: str) -> None:
    world = replace(dmz(op25b=True), default=default).with_rule(Rule("any", "internal", None, "reject", log=True), 3)
    table = FirewallDesigner(world).export("nft")
    firewall = Firewall(world.rules, world.default)
    pairs = [(s, d, port) for s in world.hosts for d in world.hosts for port in (25, 53, 443) if s is not d]
    assert {decide(table, *pair) for pair in pairs} == {"accept", "reject", default}
    for pair in pairs:
        assert decide(table, *pair) == firewall.decide(*pair).action
    assert all(IPv4Address(address) for address in re.findall(r"\d+\.\d+\.\d+\.\d+", table))


def test_the_page_gets_the_file(shown: FirewallDesigner, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []
    monkeypatch.setattr(shown, "send", lambda content, buffers: sent.append((content["name"], buffers[0])))
    tell(shown, do="export", form="toml")
    assert sent == [("world.toml", shown.export("toml").encode())]


# -- what comes from outside


def hostile_world() -> Topology:
    world = dmz()
    zones = tuple(zone._replace(title=HOSTILE) if zone.name == "isp" else zone for zone in world.zones)
    return replace(world, zones=zones, hosts=(*world.hosts, Host(HOSTILE, "10.0.0.99", "internal")))


def test_hostile_names_cannot_act_anywhere() -> None:
    widget = FirewallDesigner(hostile_world())
    widget.add(Rule(HOSTILE, "internet", 25, "accept"), at=1)
    tell(widget, do="cell", cell=[HOSTILE, "mail.example.com", 25])
    state = {name: value for name, value in widget.get_state().items() if name in ("_heat", "_trials", "_rules")}
    state["_heat"]["rows"] = [[cell and cell["said"] for cell in row["cells"]] for row in state["_heat"]["rows"]]
    shown = [state["_heat"], state["_trials"]["trials"], state["_trials"]["log"], state["_trials"]["text"]]
    shown += [rule["said"] + rule["ends"] for rule in state["_rules"]["rules"]] + [
        repr(widget),
        state["_rules"]["zones"],
    ]
    assert "\\u202e" not in json.dumps(shown)
    assert "\\u0007" not in json.dumps(shown)
    assert "onerror" in json.dumps(shown)
    assert "<img" not in widget.svg()
    ElementTree.fromstring(widget.svg())
