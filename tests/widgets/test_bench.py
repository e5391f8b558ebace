"""The bench against real servers, over TCP and in memory: what each protocol does, and what each PC knows of it."""

from __future__ import annotations

import re
import threading

import pytest

from mailkit.lab.lab import Lab
from mailkit.lab.story import single_server, two_domains, two_pcs
from mailkit.net.zones import Rule
from mailkit.server.faults import Answer, HangUp
from mailkit.trace.transcript import Said
from mailkit.widgets import TwoPCBench, bench_widget
from mailkit.widgets.bench import BenchModel
from mailkit.widgets.bench_picture import LETTERS, catalogue, picture
from mailkit.widgets.shell import static

GOTO, SERVER = "goto@example.co.jp", "mail.example.co.jp"
OFFICE, MOBILE = 0, 1


@pytest.fixture(params=["tcp", "memory"])
def lab(request):
    with Lab(two_pcs(), name="bench", carrier=request.param) as started:
        yield started


@pytest.fixture
def memory():
    with Lab(two_pcs(), name="bench", carrier="memory") as started:
        yield started


class Bench:
    """The model, and what a test asks of it."""

    def __init__(self, lab, protocol="IMAP4", letters=3):
        self.lab, self.model = lab, BenchModel(lab)
        self.model.use(protocol)
        for number in range(1, letters + 1):
            self.model.write(f"letter {number}")

    def do(self, side, *acts, key=""):
        for act in acts:
            self.model.act(side, act, key)
        return self.model.pcs[side].note

    def program(self, side):
        return self.model.program(self.model.pcs[side])

    def shows(self, side):
        return [letter.summary.subject for letter in self.program(side).letters]

    def key(self, side, subject):
        return next(letter.key for letter in self.program(side).letters if letter.summary.subject == subject)

    def flags(self, side, subject):
        return sorted(self.program(side).find(self.key(side, subject)).flags)

    def kept(self):
        return [message.uid for message in self.lab.mailbox(GOTO)]

    def differs(self, side):
        return [(one.kind, one.summary.subject) for one in self.model.pcs[side].differences]

    def commands(self, side):
        """What the PC said in its last act, without tags."""
        rows = [row.text for row in self.model.lines(self.model.pcs[side]) if row.by == "C"]
        return [text.partition(" ")[2] if self.model.protocol == "IMAP4" else text for text in rows]


@pytest.fixture
def imap(lab):
    return Bench(lab)


@pytest.fixture
def pop3(lab):
    return Bench(lab, "POP3")


# -- IMAP4: one mailbox for both


def test_a_pc_shows_nothing_before_it_asks_and_then_what_the_server_has(imap):
    assert imap.shows(OFFICE) == []
    assert imap.differs(OFFICE) == [("unheard", f"letter {n}") for n in (1, 2, 3)]
    assert imap.do(OFFICE, "connect") == "Connected. Letters listed: 3."
    assert imap.shows(OFFICE) == ["letter 1", "letter 2", "letter 3"]
    assert imap.differs(OFFICE) == []
    assert imap.commands(OFFICE)[-3:] == [
        "SELECT INBOX", "UID FETCH 1:* (FLAGS)", "UID FETCH 1:3 (BODY.PEEK[HEADER.FIELDS (FROM SUBJECT)])",
    ]  # fmt: skip


def test_the_password_goes_under_tls_and_is_masked(imap, lab):
    imap.do(OFFICE, "connect")
    (login,) = [said for said in lab.transcript.only(Said) if b" LOGIN " in said.data and said.by == "C"]
    assert login.encrypted
    assert f'LOGIN "{GOTO}" ********' in imap.commands(OFFICE)


def test_read_on_one_pc_is_read_on_the_other_once_it_asks(imap):
    for side in (OFFICE, MOBILE):
        imap.do(side, "connect")
    assert "The server notes \\Seen" in imap.do(OFFICE, "read", key="1")
    assert imap.commands(OFFICE) == ["UID FETCH 1 (FLAGS BODY[])"]
    assert imap.model.pcs[MOBILE].differences[0].there == ("\\Seen",)
    assert imap.do(MOBILE, "noop") == "The server told what has changed. News: 1."
    assert imap.flags(MOBILE, "letter 1") == ["\\Seen"]
    assert imap.do(MOBILE, "noop") == "The server has nothing new to tell."


def test_a_deleted_letter_is_there_until_expunge_and_on_the_other_pc_until_noop(imap):
    for side in (OFFICE, MOBILE):
        imap.do(side, "connect")
    assert "still 3; EXPUNGE removes" in imap.do(OFFICE, "delete", key="2")
    assert imap.kept() == [1, 2, 3]
    imap.do(MOBILE, "noop")
    assert imap.flags(MOBILE, "letter 2") == ["\\Deleted"]
    assert "Removed: 1." in imap.do(OFFICE, "expunge")
    assert imap.kept() == [1, 3]
    assert (imap.shows(OFFICE), imap.differs(MOBILE)) == (["letter 1", "letter 3"], [("gone", "letter 2")])
    imap.do(MOBILE, "noop")
    assert imap.shows(MOBILE) == ["letter 1", "letter 3"]


def test_the_mark_of_one_pc_is_taken_off_or_carried_out_by_the_other(imap):
    for side in (OFFICE, MOBILE):
        imap.do(side, "connect")
    imap.do(OFFICE, "delete", key="1")
    imap.do(MOBILE, "noop")
    imap.do(MOBILE, "delete", key="1")
    assert "Removed: 0." in imap.do(OFFICE, "expunge")
    imap.do(OFFICE, "delete", key="3")
    assert "Removed: 1." in imap.do(MOBILE, "expunge")
    assert imap.kept() == [1, 2]


def test_a_pc_in_idle_is_told_of_flags_deletions_and_letters_without_asking(imap):
    for side in (OFFICE, MOBILE):
        imap.do(side, "connect")
    assert imap.do(MOBILE, "idle") == "It waits: the server tells changes by itself."
    imap.do(OFFICE, "flag", key="3")
    assert imap.model.pcs[MOBILE].note == "In IDLE it was told at once. News: 1."
    assert imap.flags(MOBILE, "letter 3") == ["\\Flagged"]
    imap.do(OFFICE, "delete", key="1")
    imap.do(OFFICE, "expunge")
    assert imap.shows(MOBILE) == ["letter 2", "letter 3"]
    imap.model.write("letter 4")
    assert imap.shows(MOBILE) == ["letter 2", "letter 3", "letter 4"]
    assert imap.commands(MOBILE)[:2] == ["IDLE", ""]  # the second is DONE, which has no tag
    assert imap.program(MOBILE).is_idle
    assert imap.shows(OFFICE) == ["letter 2", "letter 3"]
    assert imap.do(MOBILE, "idle") == "DONE: it waits no more."
    assert not imap.program(MOBILE).is_idle


def test_any_act_ends_idle_first(imap):
    imap.do(OFFICE, "connect", "idle")
    imap.do(OFFICE, "flag", key="1")
    assert [line for line in imap.commands(OFFICE) if line] == ["UID STORE 1 +FLAGS (\\Flagged)"]
    assert not imap.program(OFFICE).is_idle


def test_an_offline_copy_stays_readable_and_goes_when_synchronised_by_uid(imap):
    for side in (OFFICE, MOBILE):
        imap.do(side, "connect")
    assert "BODY.PEEK leaves them unread" in imap.do(MOBILE, "download")
    assert imap.flags(MOBILE, "letter 1") == []
    imap.do(MOBILE, "quit")
    imap.do(OFFICE, "delete", key="1")
    imap.do(OFFICE, "expunge")
    imap.model.write("letter 4")
    assert imap.do(MOBILE, "read", key="1").startswith("It reads the copy on this PC")
    assert imap.differs(MOBILE) == [("gone", "letter 1"), ("unheard", "letter 4")]
    assert imap.do(MOBILE, "connect") == "Synchronised by UIDs. Letters now: 3; copies that had to go: 1."
    assert imap.shows(MOBILE) == ["letter 2", "letter 3", "letter 4"]
    assert imap.program(MOBILE).find("2").content is not None
    assert imap.commands(MOBILE)[-1] == "UID FETCH 4 (BODY.PEEK[HEADER.FIELDS (FROM SUBJECT)])"


def test_a_letter_that_was_not_downloaded_cannot_be_read_without_a_line(imap):
    imap.do(OFFICE, "connect", "drop")
    assert imap.do(OFFICE, "read", key="1").startswith("This letter was never downloaded")


def test_a_moved_letter_is_in_the_archive_of_both(imap):
    for side in (OFFICE, MOBILE):
        imap.do(side, "connect")
    assert imap.do(OFFICE, "move", key="1") == "The server has moved the letter to Archive. It has a new UID there."
    assert imap.commands(OFFICE) == ["CREATE Archive", 'LIST "" *', "UID MOVE 1 Archive"]
    imap.do(MOBILE, "move", key="2")
    imap.do(MOBILE, "open", key="Archive")
    assert imap.shows(MOBILE) == ["letter 1", "letter 2"]
    imap.do(MOBILE, "move", key="1")
    assert imap.do(OFFICE, "noop") == "The server told what has changed. News: 2."
    assert imap.shows(OFFICE) == ["letter 3", "letter 1"]


def test_a_folder_that_was_made_anew_has_none_of_the_old_uids(imap):
    imap.do(OFFICE, "connect")
    imap.do(OFFICE, "move", key="1")
    imap.do(OFFICE, "open", key="Archive")
    imap.do(OFFICE, "quit")
    imap.do(MOBILE, "connect")
    line = imap.program(MOBILE)._line
    for command in ("DELETE Archive", "CREATE Archive"):
        line.ask(command)
    imap.do(MOBILE, "move", key="2")
    assert ("gone", "letter 1") in imap.differs(OFFICE)
    imap.do(OFFICE, "connect")
    assert imap.shows(OFFICE) == ["letter 2"]


def test_the_server_tells_who_is_there(imap):
    imap.do(OFFICE, "connect")
    imap.do(MOBILE, "connect", "idle")
    assert imap.model.visitors() == ["Goto's office PC has INBOX open (IMAP)", "Goto's mobile PC waits in IDLE (INBOX)"]


# -- POP3: one copy for each


def test_retr_deletes_nothing_and_tells_nobody(pop3):
    pop3.do(OFFICE, "connect")
    assert "Nothing was deleted" in pop3.do(OFFICE, "read", key="1.1")
    assert pop3.commands(OFFICE) == ["RETR 1"]
    pop3.do(OFFICE, "quit")
    assert pop3.kept() == [1, 2, 3]
    assert all(not message.flags for message in pop3.lab.mailbox(GOTO))
    pop3.do(MOBILE, "connect")
    assert pop3.flags(MOBILE, "letter 1") == []


def test_dele_is_a_mark_that_quit_carries_out(pop3):
    pop3.do(OFFICE, "connect")
    assert "marked now: 1" in pop3.do(OFFICE, "delete", key="1.2")
    assert pop3.kept() == [1, 2, 3]
    assert pop3.differs(OFFICE) == [("marked", "letter 2")]
    assert "Removed: 1." in pop3.do(OFFICE, "quit")
    assert (pop3.kept(), pop3.shows(OFFICE)) == ([1, 3], ["letter 1", "letter 3"])


def test_rset_takes_marks_back(pop3):
    pop3.do(OFFICE, "connect")
    pop3.do(OFFICE, "delete", key="1.2")
    pop3.do(OFFICE, "reset", "quit")
    assert pop3.kept() == [1, 2, 3]


def test_a_dropped_line_deletes_nothing_and_frees_the_mailbox(pop3):
    pop3.do(OFFICE, "connect")
    pop3.do(OFFICE, "delete", key="1.1")
    assert pop3.do(OFFICE, "drop") == "The line is dropped. Nothing on the server was deleted."
    assert pop3.kept() == [1, 2, 3]
    assert pop3.model.visitors() == []
    assert pop3.do(MOBILE, "connect") == "Connected. Letters listed: 3."


def test_a_second_session_is_in_use_until_the_first_has_quit(pop3):
    pop3.do(OFFICE, "connect")
    assert pop3.model.visitors() == ["Goto's office PC holds the lock (POP3)"]
    note = pop3.do(MOBILE, "connect")
    assert "-ERR [IN-USE]" in note
    assert "one session at a time" in note
    assert not pop3.program(MOBILE).is_open
    pop3.do(OFFICE, "quit")
    assert pop3.do(MOBILE, "connect") == "Connected. Letters listed: 3."


def test_what_comes_during_a_session_shows_in_the_next(pop3):
    pop3.do(OFFICE, "connect")
    pop3.model.write("letter 4")
    assert pop3.do(OFFICE, "noop").startswith("NOOP tells nothing in POP3")
    assert pop3.differs(OFFICE) == [("unheard", "letter 4")]
    pop3.do(OFFICE, "quit", "connect")
    assert pop3.shows(OFFICE)[-1] == "letter 4"


def test_left_on_the_server_each_pc_copies_every_letter_once_by_uidl(pop3):
    for side in (OFFICE, MOBILE):
        pop3.do(side, "connect", "download")
        assert pop3.commands(side) == ["RETR 1", "RETR 2", "RETR 3"]
        pop3.do(side, "quit")
    pop3.model.write("letter 4")
    pop3.do(OFFICE, "connect", "download")
    assert pop3.commands(OFFICE) == ["RETR 4"]
    assert pop3.kept() == [1, 2, 3, 4]


def test_not_left_on_the_server_letters_are_on_the_pc_that_was_first(pop3):
    assert "marks letters with DELE" in pop3.do(OFFICE, "leave")
    pop3.do(OFFICE, "connect", "download")
    assert pop3.commands(OFFICE)[-3:] == ["DELE 1", "DELE 2", "DELE 3"]
    pop3.do(OFFICE, "quit")
    assert pop3.kept() == []
    assert pop3.shows(OFFICE) == ["letter 1", "letter 2", "letter 3"]
    assert {kind for kind, _ in pop3.differs(OFFICE)} == {"only here"}
    assert pop3.do(MOBILE, "connect") == "Connected. Letters listed: 0."
    assert pop3.do(OFFICE, "read", key="1.1").startswith("It reads the copy on this PC")
    pop3.do(OFFICE, "delete", key="1.1")
    assert pop3.shows(OFFICE) == ["letter 2", "letter 3"]


# -- the bench


def test_changing_the_protocol_drops_lines_and_deletes_nothing(pop3):
    pop3.do(OFFICE, "connect")
    pop3.do(OFFICE, "delete", key="1.1")
    pop3.model.use("IMAP4")
    assert (pop3.kept(), pop3.model.visitors()) == ([1, 2, 3], [])
    pop3.do(OFFICE, "connect")
    assert pop3.shows(OFFICE) == ["letter 1", "letter 2", "letter 3"]


def test_words_say_where_pcs_and_server_differ(imap):
    for side in (OFFICE, MOBILE):
        imap.do(side, "connect")
    imap.do(MOBILE, "drop")
    imap.do(OFFICE, "read", key="1")
    imap.do(OFFICE, "delete", key="2")
    imap.do(OFFICE, "expunge")
    imap.model.write("letter 4")
    imap.do(OFFICE, "noop")
    assert imap.model.compared() == [
        "Goto's office PC shows what the server has.",
        "“letter 1” has \\Seen on the server; Goto's mobile PC does not know yet.",
        "“letter 2” is gone from the server; Goto's mobile PC has an offline copy until it synchronises.",
        "“letter 4” is on the server; Goto's mobile PC has not heard of it.",
    ]


def test_a_pc_says_when_it_last_heard(imap):
    imap.do(MOBILE, "connect")
    imap.model.wait(5)
    imap.do(OFFICE, "connect")
    heard = [pc["heard"] for pc in picture(imap.model)["pcs"]]
    assert heard == ["last heard at 09:05:00", "last heard at 09:00:00"]


def test_each_line_of_the_last_act_opens_with_its_bytes_and_its_meaning(imap):
    imap.do(OFFICE, "connect", "noop")
    rows = imap.model.lines(imap.model.pcs[OFFICE])
    assert [row.text.partition(" ")[2] for row in rows] == ["NOOP", "OK still here"]
    imap.model.ladder.select(rows[0].number)
    office, mobile = picture(imap.model)["pcs"]
    assert office["open"]["rfc"] == "RFC 9051 §6.1.2"
    assert office["open"]["parts"][-2:] == [["CR", True], ["LF", True]]
    assert mobile["open"] == {}


def test_what_cannot_be_done_now_says_why_and_says_nothing_to_the_server(imap, lab):
    before = len(lab.transcript)
    assert imap.do(OFFICE, "noop") == "Ask for news (NOOP): connect first."
    assert imap.do(OFFICE, "read") == "Read: there is no letter."
    assert len(lab.transcript) == before
    imap.do(OFFICE, "connect")
    assert imap.do(OFFICE, "connect") == "Connect: it is connected already."


def test_acts_letters_folders_and_protocols_that_are_none_are_named(imap):
    imap.do(OFFICE, "connect")
    with pytest.raises(ValueError, match=r"no act 'format'; acts: connect, noop, idle"):
        imap.do(OFFICE, "format")
    with pytest.raises(LookupError, match="Goto's office PC has no letter '99'"):
        imap.do(OFFICE, "read", key="99")
    with pytest.raises(LookupError, match="knows no folder 'Junk'; it knows: INBOX"):
        imap.do(OFFICE, "open", key="Junk")
    with pytest.raises(ValueError, match="no protocol 'SMTP' here; there are: POP3, IMAP4"):
        imap.model.use("SMTP")


def test_the_firewalls_word_is_what_the_pc_says(memory):
    world = two_domains()
    with Lab(world.with_rule(Rule("internet", SERVER, 110, "reject")), name="bench-wall", carrier="memory") as lab:
        bench = Bench(lab, "POP3", letters=0)
        assert bench.do(OFFICE, "connect") == "Connected. Letters listed: 0."
        assert bench.do(MOBILE, "connect").startswith("No connection: ")
        assert "refused it (rule 6)" in picture(bench.model)["pcs"][MOBILE]["lines"][-1]["text"]


@pytest.mark.parametrize("protocol", ["POP3", "IMAP4"])
def test_a_server_that_hangs_up_or_refuses_leaves_a_bench_that_goes_on(lab, protocol):
    bench = Bench(lab, protocol)
    bench.do(OFFICE, "connect")
    refusal = "-ERR not now" if protocol == "POP3" else "NO not now"
    lab.disturb(Answer("NOOP", refusal, first=1))
    assert "not now" in bench.do(OFFICE, "noop")
    assert bench.program(OFFICE).is_open
    lab.disturb(HangUp("NOOP", first=1))
    assert bench.do(OFFICE, "noop") == "The conversation is over: the server has closed the connection."
    assert not bench.program(OFFICE).is_open
    lab.heal()
    assert bench.do(OFFICE, "connect").startswith(("Connected", "Synchronised"))


def test_a_lab_that_has_stopped_leaves_the_last_state(lab):
    shown = TwoPCBench(lab)
    shown.write()
    shown.act(OFFICE, "connect")
    shown.act(OFFICE, "idle")
    before = [letter["subject"] for letter in shown._picture["server"]["folders"][0]["letters"]]
    lab.stop()
    assert "Friday's meeting" in repr(shown)
    shown.act(MOBILE, "connect")
    assert [letter["subject"] for letter in shown._picture["server"]["folders"][0]["letters"]] == before
    assert "No connection" in shown._picture["pcs"][MOBILE]["note"]


def test_who_is_on_the_bench_comes_from_the_world(memory):
    assert [pc.title for pc in BenchModel(memory).pcs] == ["Goto's office PC", "Goto's mobile PC"]
    with Lab(single_server(), name="bench-single", carrier="memory") as lab, pytest.raises(ValueError, match="two_pcs"):
        BenchModel(lab)
    with pytest.raises(ValueError, match=r"nobody@example\.com"):
        BenchModel(memory, "nobody@example.com")


def test_two_runs_say_the_same_over_both_carriers():
    told = []
    for carrier in ("tcp", "memory"):
        with Lab(two_pcs(), name="bench-same", carrier=carrier) as lab:
            shown = TwoPCBench(lab)
            shown.write()
            for side, act in ((OFFICE, "connect"), (MOBILE, "connect"), (MOBILE, "idle")):
                shown.act(side, act)
            shown.write()
            shown.act(OFFICE, "read", "1")
            shown.write()
            told.append((repr(shown), shown.svg()))
    assert told[0] == told[1]
    assert "Goto's office PC: IMAP4, connected, last heard at 09:00:00, behind: 1" in told[0][0]


# -- the widget


def test_the_page_acts_and_nonsense_does_nothing(memory):
    shown = TwoPCBench(memory)
    for content in (
        {"do": "write", "subject": "from the\r\npage"},
        {"do": "act", "pc": 0, "act": "connect", "key": ""},
        {"do": "act", "pc": 1, "act": "connect", "key": ""},
        {"do": "act", "pc": 0, "act": "delete", "key": "1"},
    ):
        shown._handle_custom_msg(content, [])
    state = shown.get_state()["_picture"]
    assert state["server"]["folders"][0]["letters"][0]["subject"] == "from the page"
    assert (state["pcs"][0]["behind"], state["pcs"][1]["behind"]) == ("", "behind: 1")
    shown._handle_custom_msg({"do": "line", "number": state["pcs"][0]["lines"][0]["n"]}, [])
    assert shown.get_state()["_picture"]["pcs"][0]["open"]["rfc"] == "RFC 9051 §6.4.9"
    before = len(memory.transcript)
    act = {"do": "act", "pc": 0, "act": "read", "key": "77"}
    others = [{"do": "use", "protocol": "SMTP"}, {"do": "line", "number": "1"}, {"do": "line", "number": -5}]
    for nonsense in ("x", {"do": "act"}, act, act | {"pc": 7}, act | {"act": "x"}, act | {"act": "open"}, *others):
        shown._handle_custom_msg(nonsense, [])
    assert len(memory.transcript) == before
    shown._handle_custom_msg({"do": "use", "protocol": "POP3"}, [])
    shown._handle_custom_msg({"do": "wait"}, [])
    assert shown.get_state()["_picture"]["note"] == "It is 09:05 now."


def test_closing_hangs_up(memory):
    shown = TwoPCBench(memory)
    shown.act(OFFICE, "connect")
    assert len(memory.holdings(GOTO).visitors) == 1
    shown.close()
    assert memory.holdings(GOTO).visitors == ()


def test_a_saved_notebook_has_words_and_picture(memory):
    shown = TwoPCBench(memory)
    shown.write()
    bundle = shown._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["text/plain"] == repr(shown)
    assert "Friday's meeting" in data["image/svg+xml"]
    assert "127.0.0.1" not in repr(shown)


def test_thousands_of_letters_are_cut_to_the_newest(memory):
    imap = memory.host("goto-pc").imap(SERVER)
    imap.starttls(memory.tls_context())
    imap.login("goto", memory.password(GOTO))
    for number in range(120):
        imap.append("INBOX", None, None, f"Subject: n{number}\r\n\r\n".encode())
    imap.logout()
    bench = Bench(memory, letters=0)
    bench.do(OFFICE, "connect")
    shown = picture(bench.model)
    for letters, more in (
        (shown["pcs"][OFFICE]["letters"], shown["pcs"][OFFICE]["more"]),
        (shown["server"]["folders"][0]["letters"], shown["server"]["folders"][0]["more"]),
    ):
        assert (len(letters), letters[-1]["subject"]) == (LETTERS, "n119")
        assert more == "… and 90 earlier letters"
    assert len([one for one in bench.model.compared() if "mobile" in one]) == 20
    assert bench.model.compared()[-1] == "… and 100 differences more"


def test_every_word_that_the_scripts_ask_for_is_in_the_catalogue():
    asked = set(
        re.findall(r"\bwords\.(\w+)", static("bench_column.js", "bench_parts.js", "bench.js", "opened_line.js"))
    )
    assert asked
    assert asked <= set(catalogue()) - {""}


def test_a_look_that_began_before_an_act_does_not_show_after_it(memory, monkeypatch):
    """JupyterLab may handle a page's messages on a thread of their own, beside the one that follows the run."""
    shown = TwoPCBench(memory)
    began, acted = threading.Event(), threading.Event()

    def slow(model):
        data = picture(model)
        if threading.current_thread() is looker:
            began.set()
            acted.wait(0.2)
        return data

    monkeypatch.setattr(bench_widget, "picture", slow)
    looker = threading.Thread(target=shown.refresh)
    looker.start()
    began.wait()
    shown.act(OFFICE, "connect")
    acted.set()
    looker.join()
    assert shown._picture["pcs"][OFFICE]["note"] == "Connected. Letters listed: 0."
