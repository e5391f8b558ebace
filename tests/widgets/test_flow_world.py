"""What the map shows of the world round a letter: places, firewall, power, a man in the middle, the static picture."""

import dataclasses
from xml.etree import ElementTree

import pytest

from mailkit.lab.story import dmz
from mailkit.net.zones import Host
from mailkit.trace.transcript import Asked, Disturbed, Fallen, Switched
from mailkit.widgets.flow_map import FlowMapModel
from mailkit.widgets.flow_picture import picture
from mailkit.widgets.flow_places import places, walls
from mailkit.widgets.flow_svg import svg

A, B, YAMADA, GOTO = "mail.example.com", "mail.example.co.jp", "yamada-pc", "goto-pc"
FROM = "yamada@example.com"
NO_ANSWER = "451 4.4.1 no mail server of that domain answered"


def model(run):
    return FlowMapModel(run.topology, run.transcript)


def not_delivered(run, verdict):
    """Handed in, and A's call to B got no conversation."""
    run.hand_in()
    run.handled(A, "A1", "deferred", run.ask_and_call(verdict), NO_ANSWER)


class TestPlaces:
    def test_who_keeps_no_mail_is_a_relay_and_who_is_an_attacker_looks_like_one(self, run):
        run.topology = dmz()
        icons = {station.name: station.icon for station in model(run).stations}
        assert (icons["relay"], icons[B], icons["attacker"], icons[YAMADA]) == ("relay", "server", "attacker", "pc")
        relay = next(host for host in picture(model(run))["hosts"] if host["name"] == "relay")
        assert relay["chips"] == [{"icon": "relay", "text": "keeps no mail"}]

    def test_the_way_stands_in_the_order_in_which_the_letter_came_by(self, run):
        run.topology = dmz()
        flow = run.call(YAMADA, A, 587)
        run.talk(flow, "S: 220 hello", f"C: MAIL FROM:<{FROM}>", "S: 550 no")
        where = dict(zip([host.name for host in run.topology.hosts], places(model(run)), strict=True))
        assert (where[YAMADA], where[A], where["dns"]) == ((0, 0), (0, 1), (-1, 0))

    def test_a_zone_with_many_hosts_folds_those_that_had_no_part(self, run):
        more = tuple(Host(f"pc-{n}", f"10.0.1.{n}", "company-b") for n in range(1, 10))
        run.topology = dataclasses.replace(run.topology, hosts=run.topology.hosts + more)
        assert [zone["more"] for zone in picture(model(run))["zones"]] == ["", "", "and 3 hosts more"]


class TestFirewall:
    def test_a_dmz_has_a_leg_of_the_firewall_on_both_sides(self, run):
        run.topology = dmz()
        data = picture(model(run))
        assert (data["walls"], data["legs"]) == ([1, 2], "one firewall, 3 legs")

    def test_elsewhere_it_is_drawn_where_it_stopped_a_call(self, run):
        assert walls(model(run)) == []
        not_delivered(run, "drop")
        data = picture(model(run))
        assert (data["walls"], [hop["wall"] for hop in data["hops"]]) == ([1], [None, 1])

    def test_seen_from_inside_it_stops_at_the_leg_next_to_the_caller(self, run):
        run.topology = dmz()
        run.call(GOTO, "mail.example.org", 25, "reject", 2)
        assert picture(model(run))["hops"][-1]["wall"] == 2

    def test_while_it_is_off_the_picture_and_the_words_say_so(self, run):
        run.transcript.append(Switched(run.at, "", False))
        run.hand_in()
        run.transcript.append(Switched(run.at, "", True))
        shown = model(run)
        assert picture(shown)["guarded"] == [False, True]
        assert "The firewall is switched off: every call passes." in shown.text(0)
        assert "firewall" not in shown.text(1)


class TestPower:
    def test_a_host_that_is_off_says_so_from_that_step_on(self, run):
        run.hand_in()
        run.transcript.append(Switched(run.at, B, False))
        run.handled(A, "A1", "deferred", run.ask_and_call("off"), NO_ANSWER)
        shown = model(run)
        assert [shown.state(step)[B].off for step in range(3)] == [False, False, True]
        assert "Company B's mail server is switched off." in shown.text(2)

    def test_a_fallen_host_is_marked(self, run):
        run.transcript.append(Fallen(run.at, B))
        run.hand_in()
        assert "Company B's mail server is in an attacker's hands." in model(run).text(1)


def test_remembered_answers_are_told_as_remembered_and_no_question_is_drawn(run):
    run.hand_in()
    for name, kind, answer in (("example.co.jp", "MX", "10 mail.example.co.jp"), (B, "A", "198.51.100.25")):
        run.transcript.append(Asked(run.at, A, name, kind, (answer,), True))
    run.handled(A, "A1", "deferred", run.call(A, B, 25, "off"), NO_ANSWER)
    shown = model(run)
    assert "remembered from DNS, nothing asked: MX example.co.jp → 10 mail.example.co.jp" in shown.text(2)
    assert picture(shown)["hops"][1]["asks"] == ""
    assert shown.log("dns") == []


class TestManInTheMiddle:
    @pytest.fixture
    def tapped(self, run):
        hosts = (*run.topology.hosts, Host("mallory", "192.168.1.66", "company-a", "Mallory"))
        run.topology = dataclasses.replace(run.topology, hosts=hosts)
        return run

    @pytest.fixture
    def flow(self, tapped):
        flow = tapped.call(YAMADA, A, 587)
        tapped.talk(flow, "S: 220 hello", "C: STARTTLS", "S: 220 go")
        tapped.transcript.append(Disturbed(tapped.at, flow, "certificate", "shown", "mallory"))
        return flow

    def test_one_who_strips_tls_reads_what_is_said_then(self, tapped):
        flow = tapped.call(YAMADA, A, 587)
        tapped.talk(flow, "S: 220 hello", "C: EHLO pc")
        tapped.transcript.append(Disturbed(tapped.at, flow, "strip", "stripped", "mallory", b"250 hello\r\n"))
        tapped.talk(flow, "S: 250 hello", f"C: MAIL FROM:<{FROM}>", "S: 550 no")
        shown = model(tapped)
        assert "Mallory stands in between and takes the offer of TLS out of the reply." in shown.text(1)
        assert picture(shown)["hops"][0]["middle"] == {"by": "mallory", "text": "Mallory reads", "tube": False}
        assert next(station.icon for station in shown.stations if station.name == "mallory") == "attacker"

    def test_one_with_a_false_certificate_reads_when_it_was_taken(self, tapped, flow):
        tapped.talk(flow, "TLS", f"C: MAIL FROM:<{FROM}>", "S: 550 no")
        assert "which the caller took: he reads all of it." in model(tapped).text(1)
        assert "TLS, but with the man in between" in model(tapped).text(1)
        assert "Mallory reads" in svg(model(tapped), 1)

    def test_who_sees_through_him_hangs_up_and_that_is_shown_too(self, tapped, flow):
        tapped.close(flow)
        shown = model(tapped)
        assert [(hop.outcome, hop.middle.reads) for hop in shown.hops] == [("broken", False)]
        assert "the caller saw that and hung up" in shown.text(1)


class TestStaticPicture:
    def test_it_is_one_file_that_needs_nothing(self, whole_run):
        words = " ".join(ElementTree.fromstring(svg(model(whole_run), 3)).itertext())
        assert "② SMTP 25" in words
        assert "Goto's office PC has fetched the letter." in words

    def test_while_nothing_was_sent_there_is_none(self, run):
        assert svg(model(run), 0) == ""

    def test_a_hosts_name_is_text(self, whole_run):
        hosts = tuple(host._replace(title="<script>x</script>") for host in whole_run.topology.hosts)
        whole_run.topology = dataclasses.replace(whole_run.topology, hosts=hosts)
        assert not ElementTree.fromstring(svg(model(whole_run), 1)).findall(".//{*}script")

    def test_a_call_that_was_dropped_says_so(self, run):
        not_delivered(run, "drop")
        assert "② SMTP 25: dropped: no answer" in svg(model(run), 2)
