"""The availability timeline: what it reads from a run, does to a lab, tells in words and to the page."""

import dataclasses
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

from mailkit import Lab, two_domains
from mailkit.lab.story import direct_to_pc, dmz
from mailkit.net.zones import Host
from mailkit.server.faults import Answer
from mailkit.trace.transcript import Switched
from mailkit.widgets import Timeline
from mailkit.widgets.timeline import MOST_LANES, TimelineModel
from mailkit.widgets.timeline_acts import Driver
from mailkit.widgets.timeline_events import grouped
from mailkit.widgets.timeline_picture import duration

A, B, YAMADA, GOTO, MOBILE = "mail.example.com", "mail.example.co.jp", "yamada-pc", "goto-pc", "goto-mobile"
AT_SERVER, AT_PC = "goto@example.co.jp", "goto@goto-pc.example.co.jp"
HOUR = 3600


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(direct_to_pc(), name="timeline", carrier="memory") as running:
        yield running


@pytest.fixture
def driver(lab):
    return Driver(lab)


def outcomes(lab, target):
    """What came of each attempt to hand a letter to that host."""
    return [e.outcome for e in TimelineModel(lab).events if e.kind == "attempt" and e.target == target]


class TestWhatIsRead:
    def test_a_call_that_the_firewall_drops_is_tried_again_until_it_is_off(self, lab, driver):
        driver.send(AT_PC)
        driver.advance(HOUR)
        driver.switch("", on=False)
        driver.advance(HOUR)
        assert outcomes(lab, GOTO) == ["dropped", "dropped", "passed"]
        assert len(lab.mailbox(AT_PC)) == 1

    def test_a_pc_that_is_off_does_not_answer_and_a_server_takes_the_letter_meanwhile(self, lab, driver):
        driver.switch("", on=False)
        driver.switch(GOTO, on=False)
        driver.send(AT_PC)
        driver.send(AT_SERVER)
        driver.advance(HOUR)
        assert set(outcomes(lab, GOTO)) == {"off"}
        assert outcomes(lab, B) == ["passed"]
        states = [(account.to, account.state.split(";")[0]) for account in TimelineModel(lab).accounts]
        assert states == [(AT_PC, "waits"), (AT_SERVER, "in the mailbox")]

    def test_a_4xx_is_not_a_refusal(self, lab, driver):
        lab.disturb(Answer("RCPT", "451 4.7.1 come back later", server=B, first=1))
        driver.send(AT_SERVER)
        driver.advance(HOUR)
        assert outcomes(lab, B) == ["deferred", "passed"]

    def test_a_5xx_comes_back_at_once(self, lab, driver):
        lab.disturb(Answer("RCPT", "550 5.1.1 no such user", server=B))
        driver.send(AT_SERVER)
        model = TimelineModel(lab)
        assert [event.kind for event in model.events] == ["attempt", "attempt", "returned", "notice"]
        assert model.accounts[0].state == "returned to the sender"

    def test_nobody_listens_is_refused_at_once(self, driver):
        with Lab(two_domains(), name="closed", carrier="memory") as lab:
            lab.switch_firewall(on=False)
            lab.change_records("$ORIGIN example.co.jp.\n@ MX 10 goto-pc\ngoto-pc A 10.0.0.21\n")
            Driver(lab).send(AT_SERVER)
            assert "refused at once. Nobody listens there." in TimelineModel(lab).text()

    def test_after_its_lifetime_a_letter_is_returned_and_the_attempts_are_one_line(self, lab, driver):
        driver.switch(B, on=False)
        driver.send(AT_SERVER)
        driver.advance(5 * 24 * HOUR + HOUR)
        model = TimelineModel(lab)
        assert model.accounts[0].attempts > 200
        (line,) = (line for line in model.text().splitlines() if "times:" in line)
        assert line.startswith("09:00:00 to 2026-04-11 09:28:30, 238 times: Company A's mail server calls")
        assert "gives the letter up: 451 4.4.1" in model.text()

    def test_a_letter_is_read_when_a_pc_has_fetched_it(self, lab, driver):
        driver.send(AT_SERVER)
        driver.advance(HOUR)
        driver.fetch(GOTO)
        account = TimelineModel(lab).accounts[0]
        assert (account.state, account.read - account.filed) == ("read on a PC", HOUR)

    def test_switchings_are_read_from_the_run_whoever_made_them(self, lab):
        lab.switch_off(GOTO)
        lab.advance(hours=1)
        lab.switch_on(GOTO)
        lab.switch_off(B)
        spans = [(span.host, span.end and span.end - span.start) for span in TimelineModel(lab).off]
        assert spans == [(GOTO, HOUR), (B, None)]

    def test_a_letter_that_went_on_at_once_did_not_wait(self, lab, driver):
        driver.send(AT_SERVER)
        assert TimelineModel(lab).queued == []
        driver.send(AT_PC)
        driver.advance(HOUR)
        assert [(span.host, span.end) for span in TimelineModel(lab).queued] == [(A, None)]

    def test_the_same_attempt_again_is_one_group_until_something_else_happens(self, lab, driver):
        driver.send(AT_PC)
        driver.advance(2 * HOUR)
        driver.switch(MOBILE, on=False)
        driver.advance(HOUR)
        sizes = [len(group) for group in grouped(TimelineModel(lab).events) if group[0].target == GOTO]
        assert len(sizes) == 2
        assert min(sizes) > 1

    def test_a_lab_without_any_record_says_so(self, lab):
        model = TimelineModel(lab)
        assert model.text() == "Availability timeline. The lab's clock is at 09:00:00.\nNothing has happened yet."
        assert (model.last, model.end - model.began) == (0, HOUR)


class TestLanes:
    def test_the_firewall_stands_where_the_last_zone_begins(self, lab):
        assert [lane.name for lane in TimelineModel(lab).lanes] == [YAMADA, A, MOBILE, "", B, GOTO]

    def test_chosen_hosts_are_those_shown(self, lab):
        assert [lane.name for lane in TimelineModel(lab, (A, GOTO)).lanes] == [A, "", GOTO]

    def test_of_fifty_hosts_those_with_a_part_are_shown_and_the_others_counted(self):
        more = tuple(Host(f"pc-{n}", f"10.0.1.{n}", "company-b") for n in range(1, 45))
        world = dataclasses.replace(two_domains(), hosts=two_domains().hosts + more)
        with Lab(world, name="many", carrier="memory") as lab:
            lab.switch_off("pc-40")
            model = TimelineModel(lab)
            names = [lane.name for lane in model.lanes if lane.name]
            assert len(names) == MOST_LANES
            assert "pc-40" in names
            assert model.folded == 49 - MOST_LANES

    def test_an_attacker_who_does_nothing_has_no_lane(self):
        with Lab(dmz(), name="dmz", carrier="memory") as lab:
            assert "attacker" not in [lane.name for lane in TimelineModel(lab).lanes]


class TestActs:
    def test_what_is_planned_happens_at_its_time(self, lab, driver):
        driver.plan(GOTO, on=True, seconds=5 * HOUR)
        driver.plan(GOTO, on=False, seconds=HOUR)
        driver.advance(2 * HOUR)
        assert TimelineModel(lab).is_off(GOTO)
        driver.advance(24 * HOUR)
        began = lab.transcript.only(Switched)[0].at
        assert [(r.on, r.at - began) for r in lab.transcript.only(Switched)] == [(False, 0), (True, 4 * HOUR)]
        assert driver.plans == []

    def test_a_letter_that_cannot_be_handed_in_is_told_in_a_sentence(self, driver):
        driver.switch(A, on=False)
        driver.send(AT_SERVER)
        assert driver.problem.startswith("The letter could not be handed in: ")
        driver.switch(A, on=True)
        assert driver.problem == ""

    def test_a_pc_whose_server_is_off_fetches_nothing(self, driver):
        driver.switch(B, on=False)
        driver.fetch(GOTO)
        assert "mail.example.co.jp is switched off" in driver.problem

    def test_a_pc_fetches_from_others_not_from_itself(self, driver):
        assert [server.host for _user, server in driver.boxes(GOTO)] == [B]
        assert driver.boxes("dns") == []

    def test_over_tcp_it_is_the_same(self):
        with Lab(direct_to_pc(), name="timeline over tcp", carrier="tcp") as lab:
            driver = Driver(lab)
            driver.switch(GOTO, on=False)
            driver.send(AT_PC)
            driver.send(AT_SERVER)
            driver.advance(HOUR)
            driver.fetch(MOBILE)
            assert [account.state.split(";")[0] for account in TimelineModel(lab).accounts] == ["waits", "read on a PC"]


class TestWidget:
    @pytest.fixture
    def shown(self, lab):
        return Timeline(lab)

    def say(self, shown, **content):
        shown._handle_custom_msg(content, [])

    def test_the_page_switches_sends_passes_time_and_fetches(self, lab, shown):
        self.say(shown, do="switch", host="", on=False)
        self.say(shown, do="send", to=AT_PC)
        self.say(shown, do="advance", seconds=600)
        self.say(shown, do="send", to=AT_SERVER)
        self.say(shown, do="fetch", host=GOTO)
        assert len(lab.mailbox(AT_PC)) == len(lab.mailbox(AT_SERVER)) == 1
        assert [letter["state"] for letter in shown.get_state()["_picture"]["letters"]] == [
            "in the mailbox",
            "read on a PC",
        ]
        assert shown.position == shown.model.last

    def test_the_page_plans_and_forgets(self, shown):
        self.say(shown, do="plan", host=GOTO, on=False, seconds=HOUR)
        assert shown.get_state()["_picture"]["plans"][0]["text"] == "10:00:00 Goto's office PC: switch off"
        self.say(shown, do="forget")
        assert shown.get_state()["_picture"]["plans"] == []

    @pytest.mark.parametrize(
        "content",
        [
            {"do": "switch", "host": "nobody", "on": False},
            {"do": "send", "to": "victim@example.org"},
            {"do": "advance", "seconds": 10**12},
            {"do": "advance", "seconds": -1},
            {"do": "fetch", "host": ["x"]},
            "nonsense",
        ],
    )
    def test_what_the_page_may_not_ask_changes_nothing(self, lab, shown, content):
        shown._handle_custom_msg(content, [])
        assert (len(lab.transcript), lab.clock.seconds()) == (0, shown.model.began)

    def test_its_repr_is_the_run_in_words_the_newest_included(self, lab, shown):
        lab.switch_off(GOTO)
        assert repr(shown).splitlines()[1:] == [
            "Switched off now: Goto's office PC",
            "09:00:00 Goto's office PC is switched off.",
        ]

    def test_scrubbing_stays_within_the_run(self, lab, shown):
        lab.switch_off(GOTO)
        shown.refresh()
        shown.set_state({"position": 99})
        assert shown.position == 1
        shown.set_state({"position": -5})
        assert shown.position == 0

    def test_what_a_lab_does_beside_it_is_shown_after_refresh(self, lab, shown):
        lab.switch_off(GOTO)
        shown.refresh()
        assert shown.get_state()["_picture"]["lanes"][-1]["on"] is False

    def test_a_lab_that_is_over_is_a_recorded_run(self, lab, shown):
        shown.send_letter(AT_SERVER)
        lab.stop()
        self.say(shown, do="switch", host=GOTO, on=False)
        assert shown.get_state()["_picture"]["live"] is False
        assert not shown.model.off

    def test_a_saved_notebook_has_a_picture(self, shown):
        assert shown.svg() == ""
        shown.send_letter(AT_PC)
        words = " ".join(ElementTree.fromstring(shown.svg()).itertext())
        assert "Company A's mail server" in words
        assert f"Letter for {AT_PC}" in words


def test_spans_of_time_in_words():
    assert [duration(n) for n in (600, HOUR, 6 * HOUR, 24 * HOUR, 120 * HOUR)] == [
        "10 min", "1 hour", "6 hours", "1 day", "5 days",
    ]  # fmt: skip
