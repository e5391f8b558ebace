"""What stands in the names of a Maildir, written and read."""

from __future__ import annotations

import pytest

from mailkit.mail.mailbox import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN
from mailkit.server.maildir_name import (
    SEPARATOR,
    Named,
    base_name,
    folder_name,
    mailbox_name,
    order,
    portable,
    read,
    to_flags,
    to_letters,
    with_letters,
)


def test_a_name_says_when_where_by_which_queue_id_and_with_which_flags() -> None:
    base = base_name(1775433600, 1, 12, "mail.example.com", "A7")
    assert base == "1775433600.V1U12.mail.example.com,Q=A7"
    assert with_letters(base, "FS") == f"1775433600.V1U12.mail.example.com,Q=A7{SEPARATOR}2,FS"
    assert read(with_letters(base, "FS")) == Named(base, "FS", 1, 12, "A7")


def test_what_no_queue_brought_names_none() -> None:
    assert base_name(5, 2, 3, "mail/x", "") == "5.V2U3.mail%2Fx"
    assert read("5.V2U3.mail%2Fx") == Named("5.V2U3.mail%2Fx", "", 2, 3, "")


@pytest.mark.parametrize(
    ("name", "base", "letters"),
    [
        ("1204680122.M12P3.host:2,RS", "1204680122.M12P3.host", "RS"),
        ("1204680122.V0801I5b0001M12.host,S=12:2,", "1204680122.V0801I5b0001M12.host,S=12", ""),
        ("anything", "anything", ""),
        ("x:1,whatever", "x", ""),
    ],
)
def test_other_programs_names_have_flags_but_no_uid(name: str, base: str, letters: str) -> None:
    assert read(name.replace(":", SEPARATOR)) == Named(base, letters)


def test_names_stand_in_order_of_age_then_of_uid() -> None:
    names = ["7.V1U10.h", "7.V1U9.h", "foreign", "6.M1.h"]
    assert sorted(names, key=order) == ["foreign", "6.M1.h", "7.V1U9.h", "7.V1U10.h"]


def test_flags_are_letters_in_ascii_order_and_letters_nobody_knows_stay() -> None:
    flags = [SEEN, DRAFT, ANSWERED, FLAGGED, DELETED, "$Forwarded", "Work", "Play"]
    assert to_letters(flags, ["", "Work"], "X") == ("DFPRSTXb", ["Play"])
    assert to_flags("DFPRSTXbc", ["", "Work"]) == (frozenset(flags[:-1]), "Xc")


@pytest.mark.parametrize(
    ("mailbox", "folder"),
    [
        ("INBOX", ""),
        ("Sent", ".Sent"),
        ("Work/Reports", ".Work.Reports"),
        ("INBOX/Old", ".INBOX.Old"),
        ("v1.2", ".v1%2E2"),
        ("50%", ".50%25"),
        ("R&D", ".R&-D"),
        ("台北/日本語", ".&U,BTFw-.&ZeVnLIqe-"),
        ("../../etc", ".%2E%2E.%2E%2E.etc"),
    ],
)
def test_a_mailbox_and_its_folder(mailbox: str, folder: str) -> None:
    assert folder_name(mailbox) == folder
    if folder:
        assert mailbox_name(folder) == mailbox


@pytest.mark.parametrize("folder", ["Sent", ".", "..", ".a..b", ".x&AC4-y", ".&", ".50%", ".&2D3-"])
def test_a_folder_that_is_no_mailbox_s(folder: str) -> None:
    with pytest.raises(ValueError, match=r"no folder of a Maildir|decode"):
        mailbox_name(folder)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("goto@example.co.jp", "goto@example.co.jp"),
        ("a/b@example.com", "a%2Fb@example.com"),
        ("..", "%2E%2E"),
        ('"a:b"@x', "%22a%3Ab%22@x"),
        ("後藤@example.jp", "%E5%BE%8C%E8%97%A4@example.jp"),
    ],
)
def test_an_address_as_a_folder_leads_nowhere_else(name: str, written: str) -> None:
    assert portable(name) == written
