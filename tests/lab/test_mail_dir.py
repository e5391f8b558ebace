"""A lab that keeps its mail in a folder: what a client sees survives the lab, and a full disk is said, not suffered."""

from __future__ import annotations

import dataclasses
import errno
import os
import poplib
import smtplib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailkit.lab.lab import Lab, StillWaiting
from mailkit.lab.story import two_domains
from mailkit.net.zones import Rule
from mailkit.server.durable import MailFolderError
from mailkit.trace.transcript import Handled

if TYPE_CHECKING:
    from collections.abc import Callable
    from imaplib import IMAP4

    Make = Callable[..., Lab]
    Submit = Callable[..., None]

YAMADA, GOTO = "yamada@example.com", "goto@example.co.jp"
COMPANY_A, COMPANY_B = "mail.example.com", "mail.example.co.jp"

pytestmark = pytest.mark.filterwarnings("error::mailkit.server.durable.MailFolderWarning")


def full(*args: object, **options: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def read(lab: Lab) -> IMAP4:
    imap = lab.host("goto-pc").imap(COMPANY_B)
    imap.starttls(ssl_context=lab.tls_context())
    imap.login("goto", lab.password(GOTO))
    return imap


def seen(lab: Lab) -> list[object]:
    """All that Goto's mail program can learn."""
    with read(lab) as imap:
        answers: list[object] = [imap.list(), imap.lsub()]
        for name in ("INBOX", "Work", "Work/Old"):
            answers += [imap.status(name, "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN)"), imap.select(name, readonly=True)]
            answers.append(imap.uid("FETCH", "1:*", "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])"))
    return answers


def test_mail_flags_keywords_uids_and_mailboxes_survive_the_lab(make: Make, submit: Submit, tmp_path: Path) -> None:
    lab = make(mail_dir=tmp_path)
    for _letter in range(4):
        submit(lab)
    lab.settle()
    with read(lab) as imap:
        imap.create("Work/Old")
        imap.subscribe("Work")
        imap.select("INBOX")
        imap.store("1", "+FLAGS", r"(\Seen \Answered $Label1)")
        imap.copy("1:2", "Work/Old")
        imap.store("2,4", "+FLAGS", r"(\Deleted)")
        imap.expunge()
        imap.select("Work/Old")  # recent to nobody now: a name in `cur` has no room for that
    before = seen(lab)
    lab.stop()
    again = make(mail_dir=tmp_path)
    assert seen(again) == before
    submit(again)
    again.settle()
    assert [message.uid for message in again.mailbox(GOTO)] == [1, 3, 5]


def test_mail_in_memory_is_gone_with_the_lab(make: Make, submit: Submit) -> None:
    lab = make()
    submit(lab)
    lab.settle()
    lab.stop()
    assert make().mailbox(GOTO) == ()


def test_a_letter_that_waits_is_taken_up_by_the_next_lab(make: Make, submit: Submit, tmp_path: Path) -> None:
    world = two_domains()
    lab = make(dataclasses.replace(world, rules=(Rule("any", COMPANY_B, 25, "drop"), *world.rules)), mail_dir=tmp_path)
    submit(lab, to=(GOTO, YAMADA))
    with pytest.raises(StillWaiting):
        lab.settle()
    (waiting,) = lab.queue(COMPANY_A)
    lab.stop()
    again = make(mail_dir=tmp_path)
    again.settle()
    assert [(r.act, r.queue_id, r.recipient) for r in again.transcript.only(Handled) if r.host == COMPANY_A] == [
        ("relayed", waiting.queue_id, GOTO)
    ]
    assert (len(again.mailbox(GOTO)), len(again.mailbox(YAMADA))) == (1, 1)


def test_a_letter_that_was_filed_but_not_struck_off_is_not_filed_again(
    make: Make, submit: Submit, tmp_path: Path
) -> None:
    lab = make(mail_dir=tmp_path)
    submit(lab, to=(YAMADA,))
    lab.settle()
    (filed,) = lab.mailbox(YAMADA)
    lab.stop()
    head = b'{"from": "%b", "to": ["Yamada@example.com", "%b"], "arrived": 1}\n'
    entry = head % (YAMADA.encode(), GOTO.encode()) + filed.raw.partition(b"\r\n")[2]
    (tmp_path / COMPANY_A / "queue" / filed.origin).write_bytes(entry)
    again = make(mail_dir=tmp_path)
    again.settle()
    assert [message.raw for message in again.mailbox(YAMADA)] == [filed.raw]
    assert len(again.mailbox(GOTO)) == 1
    assert list((tmp_path / COMPANY_A / "queue").glob("A*")) == []


def test_a_full_disk_answers_452_and_the_server_goes_on(
    make: Make, submit: Submit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = make(mail_dir=tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        with pytest.raises(smtplib.SMTPDataError) as refused:
            submit(lab)
    assert refused.value.smtp_code == 452
    assert refused.value.smtp_error.startswith(b"4.3.1 ")  # type: ignore[union-attr]
    assert str(tmp_path).encode() not in refused.value.smtp_error  # type: ignore[operator]
    assert (lab.queue(COMPANY_A), lab.transcript.only(Handled)) == ((), [])
    submit(lab)
    lab.settle()
    assert len(lab.mailbox(GOTO)) == 1


def test_a_full_disk_at_the_recipient_s_server_defers(
    make: Make, submit: Submit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = make(mail_dir=tmp_path)
    replace = os.replace

    def full_there(source: object, target: object) -> None:
        full() if COMPANY_B in Path(str(target)).parts else replace(source, target)  # type: ignore[call-overload]

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full_there)
        submit(lab)
        with pytest.raises(StillWaiting, match=r"452 4\.3\.1"):
            lab.settle()
    lab.advance(hours=1)
    assert len(lab.mailbox(GOTO)) == 1


def test_a_mailbox_that_cannot_be_written_defers_and_no_copy_is_made_of_those_who_have_it(
    make: Make, submit: Submit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = make(mail_dir=tmp_path)
    replace = os.replace

    def full_there(source: object, target: object) -> None:
        full() if GOTO in Path(str(target)).parts else replace(source, target)  # type: ignore[call-overload]

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full_there)
        submit(lab, to=(YAMADA, GOTO))
        with pytest.raises(StillWaiting, match=r"mail.example.co.jp still has B1 .*452 4.3.1"):
            lab.settle()
    lab.stop()
    again = make(mail_dir=tmp_path)
    again.settle()
    assert (len(again.mailbox(GOTO)), len(again.mailbox(YAMADA))) == (1, 1)


def test_a_bounce_that_cannot_be_written_down_is_not_forgotten(
    make: Make, submit: Submit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = make(mail_dir=tmp_path)
    replace = os.replace

    def full_there(source: object, target: object) -> None:
        full() if str(target).endswith(f"{os.sep}A2") else replace(source, target)  # type: ignore[call-overload]

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full_there)
        submit(lab, to=("nobody@example.co.jp",))
        with pytest.raises(StillWaiting, match=r"452 4\.3\.1"):
            lab.settle()
    lab.advance(hours=1)
    (notice,) = lab.mailbox(YAMADA)
    assert b"Final-Recipient: rfc822; nobody@example.co.jp" in notice.raw


def test_imap_and_pop3_say_that_they_cannot_write(
    make: Make, submit: Submit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = make(mail_dir=tmp_path)
    submit(lab)
    lab.settle()
    before = lab.mailbox(GOTO)
    imap = read(lab)  # TLS first: Python reads certificates from files that are thrown away again
    for call in ("replace", "rename", "unlink"):
        monkeypatch.setattr(os, call, full)
    with imap:
        imap.select("INBOX")
        for verb, arguments in (
            (imap.store, ("1", "+FLAGS", r"(\Seen)")),
            (imap.create, ("Work",)),
            (imap.subscribe, ("INBOX",)),
            (imap.append, ("INBOX", "", "", b"x")),
            (imap.copy, ("1", "INBOX")),
        ):
            answer, (text,) = verb(*arguments)  # type: ignore[operator]
            assert (answer, text[:14]) == ("NO", b"[UNAVAILABLE] "), verb
        assert imap.noop()[0] == "OK"
    pop = lab.host("goto-pc").pop3(COMPANY_B)
    pop.stls(context=lab.tls_context())
    pop.user("goto")
    pop.pass_(lab.password(GOTO))
    pop.dele(1)
    with pytest.raises(poplib.error_proto, match="-ERR some messages are not removed: no space left"):
        pop.quit()
    pop.close()
    lab.settle()
    assert lab.mailbox(GOTO) == before


def test_a_second_lab_may_not_have_the_folder(make: Make, tmp_path: Path) -> None:
    make(mail_dir=tmp_path)
    with pytest.raises(
        MailFolderError, match=r"another lab keeps its mail in .*; stop that one, or name another folder"
    ):
        make(mail_dir=tmp_path)


def test_the_folder_stays_the_same_when_the_notebook_goes_elsewhere(
    make: Make, submit: Submit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lab = make(mail_dir="mail")
    monkeypatch.chdir("/")
    submit(lab)
    lab.settle()
    lab.stop()
    assert len(make(mail_dir=tmp_path / "mail").mailbox(GOTO)) == 1


def test_running_a_cell_twice_hands_the_folder_over(carrier: str, tmp_path: Path) -> None:
    first = Lab(two_domains(), name="twice", carrier=carrier, mail_dir=tmp_path).start()
    with Lab(two_domains(), name="twice", carrier=carrier, mail_dir=str(tmp_path)) as second:
        assert (first.is_running, second.is_running) == (False, True)


def test_a_folder_that_cannot_be_is_named(make: Make, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MailFolderError, match=r"cannot keep mail in .*file.*Name a folder that you may write in"):
        make(mail_dir=tmp_path / "file" / "folder")
    (tmp_path / COMPANY_B).touch()
    with pytest.raises(MailFolderError, match=r"cannot keep mail in .*: .*Name a folder that you may write in"):
        make(mail_dir=tmp_path)
