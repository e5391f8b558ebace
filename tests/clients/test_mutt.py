"""mutt and its offspring neomutt, mail readers for people, which are told their keys.

On the folder where a lab keeps mail, and over IMAP and SMTP.
"""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

import pytest

from mailkit.lab.lab import Lab
from mailkit.lab.story import two_domains
from mailkit.trace.transcript import Said

from .conftest import BODY, GOTO, MAIL_A, MAIL_B, YAMADA, client_lines, letter, subjects
from .terminal import run_in_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mailkit.net.publish import Published

    Mutt = Callable[..., str]

pytestmark = pytest.mark.clients
SETTINGS = """\
unset wait_key pipe_decode mark_old move confirmappend confirmcreate help header_cache record signature mailcap_path
unset imap_passive imap_check_subscribed
set fast_reply abort_nosubject = no abort_unmodified = no recall = no postpone = no
set quit = yes delete = yes sleep_time = 0 sort = mailbox-order timeout = 1 read_inc = 0 write_inc = 0 net_inc = 0
set pager = builtin editor = true use_domain = no hostname = goto-pc.example.co.jp
set ssl_starttls = yes ssl_force_tls = yes
"""


@pytest.fixture(params=["mutt", "neomutt"])
def mutt(request: pytest.FixtureRequest, home: Path, config: Callable[[str, str], Path]) -> Mutt:
    """`mutt(mailbox, keys, settings)` opens it, presses the keys and quits; returns what was on the screen."""

    (home / "Mail").mkdir()

    def mutt(mailbox: object, keys: str, settings: str = "", answers: dict[str, str] | None = None) -> str:
        muttrc = config("muttrc", f'{SETTINGS}set folder = {home}/Mail\n{settings}\npush "{keys}<quit>"\n')
        environment = {"HOME": str(home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        command = [request.param, "-n", "-F", str(muttrc), "-f", str(mailbox)]
        code, screen = run_in_terminal(command, cwd=home, environment=environment, answers=answers)
        assert code == 0, screen
        return screen

    return mutt


def pick(pattern: str, keys: str) -> str:
    """Keys for all messages of that pattern; for none, none."""
    return f"<untag-pattern>.<enter><tag-pattern>{pattern}<enter><tag-prefix-cond>{keys}<end-cond>"


def open_and_close(pattern: str) -> str:
    """Keys that show the only message of that pattern to its reader."""
    return f"<limit>{pattern}<enter><display-message><exit><limit>~A<enter>"


def save_as(name: str) -> str:
    """Keys that write messages, as mutt has read them, into a file of its home."""
    return f"<pipe-message>cat >> {name}<enter>"


def said_in(home: Path, name: str) -> list[str]:
    """The subjects in such a file, in alphabetical order: in a Maildir, mutt has no other one."""
    path = home / name
    return sorted(subjects([path.read_bytes()])) if path.exists() else []


class TestOnTheFolderOfALab:
    @pytest.fixture
    def kept(self, tmp_path: Path) -> Callable[[], Lab]:
        """`kept()` is a lab on the same folder each time."""
        return lambda: Lab(two_domains(), name="kept", carrier="tcp", mail_dir=tmp_path / "kept")

    @pytest.fixture
    def inbox(self, tmp_path: Path) -> Path:
        return tmp_path / "kept" / MAIL_B / GOTO

    @pytest.fixture(autouse=True)
    def _letters(self, kept: Callable[[], Lab]) -> None:
        """Four letters, the second flagged and the third answered; one more in a folder of its own."""
        with kept() as lab:
            with lab.host(MAIL_A).smtp(MAIL_B, 25) as smtp:
                for subject in ("1", "2", "3", "4"):
                    smtp.sendmail(YAMADA, [GOTO], letter(subject))
            lab.settle()
            with lab.host("goto-pc").imap(MAIL_B) as imap:
                imap.starttls(lab.tls_context())
                imap.login("goto", lab.password(GOTO))
                imap.create("Work")
                imap.append("Work", None, None, letter("work"))
                imap.select()
                imap.store("2", "+FLAGS", r"(\Flagged)")
                imap.store("3", "+FLAGS", r"(\Seen \Answered)")

    def test_it_reads_every_letter_as_it_was_sent(self, mutt: Mutt, inbox: Path, home: Path) -> None:
        mutt(inbox, pick("~A", save_as("all")))
        mutt(inbox / ".Work", pick("~A", save_as("work")))
        assert said_in(home, "all") == ["1", "2", "3", "4"]
        assert (home / "all").read_bytes().count(BODY.replace(b"\r\n", b"\n")) == 4
        assert said_in(home, "work") == ["work"]

    def test_it_sees_the_flags(self, mutt: Mutt, inbox: Path, home: Path) -> None:
        keys = [pick(pattern, save_as(pattern[1:])) for pattern in ("~F", "~Q", "~D", "~U")]
        mutt(inbox, "".join([keys[3], *keys[:3]]))  # unread first: reading makes read
        assert {flag: said_in(home, flag) for flag in "FQDU"} == {"F": ["2"], "Q": ["3"], "D": [], "U": ["1", "2", "4"]}

    def test_the_next_lab_sees_what_it_has_changed(self, mutt: Mutt, inbox: Path, kept: Callable[[], Lab]) -> None:
        keys = pick("~s ^1$", "<flag-message>") + pick("~s ^2$", "<clear-flag>!") + pick("~s ^3$", "<delete-message>")
        mutt(inbox, keys + pick("~s ^4$", "<set-flag>r"))
        with kept() as lab:
            flags = {subjects([message.raw])[0]: set(message.flags) for message in lab.mailbox(GOTO)}
            uids = [message.uid for message in lab.mailbox(GOTO)]
        assert uids == [1, 2, 4]
        assert {subject: held - {"\\Seen"} for subject, held in flags.items()} == {
            "1": {"\\Flagged"},
            "2": set(),
            "4": {"\\Answered"},
        }

    def test_the_next_lab_finds_what_it_has_moved(self, mutt: Mutt, inbox: Path, kept: Callable[[], Lab]) -> None:
        mutt(inbox, pick("~s ^1$", f"<save-message>{inbox}/.Work<enter>"))
        with kept() as lab:
            assert subjects(lab.mailbox(GOTO)) == ["2", "3", "4"]
            with lab.host("goto-pc").imap(MAIL_B) as imap:
                imap.starttls(lab.tls_context())
                imap.login("goto", lab.password(GOTO))
                imap.select("Work")
                found = imap.fetch("1:*", "(BODY.PEEK[])")[1]
        assert subjects([part[1] for part in found if isinstance(part, tuple)]) == ["work", "1"]


class TestOverTheNetwork:
    @pytest.fixture
    def lab(self) -> Iterator[Lab]:
        """Company B listens on 993 too; no command that tells anything may pass in clear."""
        world = two_domains()
        company_a, company_b = world.servers
        company_b = company_b._replace(ports=(*company_b.ports, 993))
        with Lab(dataclasses.replace(world, servers=(company_a, company_b)), name="mutt", carrier="tcp") as lab:
            yield lab
        clear = [
            record.data for record in lab.transcript.only(Said) if record.flow.port == 993 and not record.encrypted
        ]
        assert clear == []
        assert not any(b"LOGIN " in line or b"AUTH" in line for line in client_lines(lab, encrypted=False))

    @pytest.fixture(params=[143, 993])
    def imap(self, request: pytest.FixtureRequest, door: Callable[..., Published]) -> str:
        """The mailbox's URL: by STARTTLS, and by TLS from the first word."""
        published = door(request.param)
        return f"imap{'s' if request.param == 993 else ''}://goto@localhost:{published.port}/"

    @pytest.fixture
    def account(self, lab: Lab, authority: Path) -> str:
        return f"set ssl_ca_certificates_file = {authority} imap_pass = {lab.password(GOTO)}"

    def test_it_reads_flags_deletes_and_moves(
        self,
        lab: Lab,
        mutt: Mutt,
        imap: str,
        account: str,
        deliver: Callable[..., list[bytes]],
        home: Path,
    ) -> None:
        deliver("1", "2", "3", "4")
        keys = pick("~A", save_as("all")) + open_and_close("~s ^4$")
        keys += pick("~s ^1$", "<flag-message>") + pick("~s ^2$", "<delete-message>")
        mutt(f"{imap}INBOX", keys + pick("~s ^3$", f"<save-message>{imap}Archive<enter>"), account)
        assert said_in(home, "all") == ["1", "2", "3", "4"]
        assert (home / "all").read_bytes().count(BODY.replace(b"\r\n", b"\n")) == 4
        assert subjects(lab.mailbox(GOTO)) == ["1", "4"]
        assert [set(message.flags) for message in lab.mailbox(GOTO)] == [{"\\Flagged"}, {"\\Seen"}]
        mutt(f"{imap}Archive", pick("~A", save_as("archive")), account)
        assert said_in(home, "archive") == ["3"]

    def test_it_believes_no_other_authority(self, lab: Lab, mutt: Mutt, imap: str, account: str, home: Path) -> None:
        """Without the lab's authority it asks, and rejects when told so; nobody logs in."""
        (home / "nobody.pem").write_text("")
        mutt(f"{imap}INBOX", "", account.replace("lab-ca.pem", "nobody.pem"), answers={"(r)eject": "r"})
        assert not any(b"LOGIN" in line or b"AUTHENTICATE" in line for line in client_lines(lab, encrypted=True))

    def test_it_submits_with_a_login(
        self, lab: Lab, mutt: Mutt, submission: Published, authority: Path, home: Path
    ) -> None:
        settings = (
            f"set smtp_url = smtp://yamada@localhost:{submission.port}/ smtp_pass = {lab.password(YAMADA)}\n"
            f"set ssl_ca_certificates_file = {authority} from = {YAMADA} realname = Yamada\n"
        )
        (home / "empty").write_bytes(b"")
        mutt(home / "empty", f"<mail>{GOTO}<enter>by mutt<enter><send-message>", settings)
        lab.settle()
        (message,) = lab.mailbox(GOTO)
        assert subjects([message.raw]) == ["by mutt"]
        assert b" with ESMTPSA id A1" in message.raw
        assert lab.queue(MAIL_A) == ()
