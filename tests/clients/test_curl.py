"""curl speaks all three protocols, with TLS and without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import BODY, GOTO, MAIL_A, MAIL_B, YAMADA, client_lines, letter, server_said, subjects

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mailkit.lab.lab import Lab
    from mailkit.net.publish import Published

pytestmark = pytest.mark.clients


@pytest.fixture
def curl(run: Callable[..., bytes], authority: Path) -> Callable[..., bytes]:
    """`curl(door, "imap", MAIL_B, "INBOX", …)` calls a published port by the server's own name."""

    def curl(door: Published, scheme: str, name: str, path: str, *options: object, tls: bool = True, code: int = 0):
        secure = ["--ssl-reqd", "--cacert", authority] if tls else []
        url = f"{scheme}://{name}:{door.port}/{path}"
        where = f"{name}:{door.port}:{door.host}"
        # Its own configuration file, a proxy and a slow machine's clock are no part of this.
        fixed = ["curl", "-q", "--silent", "--show-error", "--noproxy", "*", "--max-time", "50", "--resolve", where]
        return run(*fixed, *secure, *options, url, code=code)

    return curl


def sending(lab: Lab, path: Path, *, password: str | None = None) -> list[object]:
    path.write_bytes(letter("by curl"))
    login = ["--user", f"yamada:{password or lab.password(YAMADA)}"]
    return [*login, "--mail-from", YAMADA, "--mail-rcpt", GOTO, "--upload-file", path]


class TestSMTP:
    def test_submission_with_starttls_and_auth_arrives(
        self, lab: Lab, submission: Published, curl: Callable[..., bytes], tmp_path: Path
    ) -> None:
        curl(submission, "smtp", MAIL_A, "yamada-pc", *sending(lab, tmp_path / "letter"))
        lab.settle()
        (message,) = lab.mailbox(GOTO)
        assert message.raw.endswith(BODY)
        assert b" with ESMTPSA id A1" in message.raw
        assert lab.queue(MAIL_A) == ()
        assert any(line.startswith(b"AUTH ") for line in client_lines(lab, encrypted=True))
        assert not any(line.startswith(b"AUTH ") for line in client_lines(lab, encrypted=False))

    def test_a_wrong_password_sends_nothing(
        self, lab: Lab, submission: Published, curl: Callable[..., bytes], tmp_path: Path
    ) -> None:
        curl(submission, "smtp", MAIL_A, "", *sending(lab, tmp_path / "letter", password="wrong"), code=67)
        lab.settle()
        assert lab.mailbox(GOTO) == ()
        assert b"\r\n535 5.7.8 " in server_said(lab)

    def test_an_authority_that_it_was_not_told_of_is_not_believed(
        self, lab: Lab, submission: Published, run: Callable[..., bytes], tmp_path: Path
    ) -> None:
        url = f"smtp://{submission.host}:{submission.port}"
        run("curl", "-q", "--silent", "--ssl-reqd", *sending(lab, tmp_path / "letter"), url, code=60)
        assert lab.mailbox(GOTO) == ()

    def test_port_25_relays_for_no_stranger(
        self, lab: Lab, door: Callable[..., Published], curl: Callable[..., bytes], tmp_path: Path
    ) -> None:
        (tmp_path / "letter").write_bytes(letter("relay me"))
        sent = ["--mail-from", YAMADA, "--mail-rcpt", "victim@example.org", "--upload-file", tmp_path / "letter"]
        curl(door(25, MAIL_B, "goto-mobile"), "smtp", MAIL_B, "", *sent, tls=False, code=55)
        assert b"\r\n550 5.7.1 " in server_said(lab)
        assert lab.queue(MAIL_B) == ()


class TestPOP3:
    @pytest.mark.parametrize("tls", [True, False], ids=["STLS", "in clear"])
    def test_list_and_retr(
        self,
        lab: Lab,
        door: Callable[..., Published],
        curl: Callable[..., bytes],
        deliver: Callable[..., list[bytes]],
        tls: bool,
    ) -> None:
        stored = deliver("one", "two")
        login = ["--user", f"goto:{lab.password(GOTO)}"]
        pop3 = door(110)
        listed = curl(pop3, "pop3", MAIL_B, "", *login, tls=tls)
        assert listed.splitlines() == [f"{n} {len(raw)}".encode() for n, raw in enumerate(stored, 1)]
        assert curl(pop3, "pop3", MAIL_B, "2", *login, tls=tls) == stored[1]
        assert subjects(lab.mailbox(GOTO)) == ["one", "two"]
        assert (b"STLS" in client_lines(lab, encrypted=False)) is tls

    def test_dele_takes_one_away(
        self,
        lab: Lab,
        door: Callable[..., Published],
        curl: Callable[..., bytes],
        deliver: Callable[..., list[bytes]],
    ) -> None:
        deliver("one", "two")
        curl(door(110), "pop3", MAIL_B, "1", "--user", f"goto:{lab.password(GOTO)}", "-X", "DELE", "--head")
        assert subjects(lab.mailbox(GOTO)) == ["two"]


class TestIMAP:
    @pytest.fixture
    def imap(self, lab: Lab, door: Callable[..., Published], curl: Callable[..., bytes]) -> Callable[..., bytes]:
        published, login = door(143), ["--user", f"goto:{lab.password(GOTO)}"]
        return lambda path, *options, tls=True: curl(published, "imap", MAIL_B, path, *login, *options, tls=tls)

    def test_list_names_the_mailboxes(self, imap: Callable[..., bytes]) -> None:
        assert b'"/" INBOX\r\n' in imap("").replace(b'"INBOX"', b"INBOX")

    @pytest.mark.parametrize("tls", [True, False], ids=["STARTTLS", "in clear"])
    def test_fetch_brings_the_bytes_as_they_rest(
        self, lab: Lab, imap: Callable[..., bytes], deliver: Callable[..., list[bytes]], tls: bool
    ) -> None:
        stored = deliver("one", "two")
        assert imap("INBOX;UID=2", tls=tls) == stored[1]
        assert imap("INBOX;UID=1;SECTION=TEXT", tls=tls) == BODY
        assert (b"STARTTLS" in b"".join(client_lines(lab, encrypted=False))) is tls

    def test_append_files_a_letter(self, lab: Lab, imap: Callable[..., bytes], tmp_path: Path) -> None:
        (tmp_path / "draft").write_bytes(letter("kept"))
        imap("INBOX", "--upload-file", tmp_path / "draft")
        (message,) = lab.mailbox(GOTO)
        assert message.raw == letter("kept")

    def test_search_finds_by_subject(self, imap: Callable[..., bytes], deliver: Callable[..., list[bytes]]) -> None:
        deliver("one", "two", "another one")
        assert imap("INBOX?SUBJECT%20one") == b"* SEARCH 1 3\r\n"

    def test_a_command_of_ones_own(self, lab: Lab, imap: Callable[..., bytes], deliver: Callable[..., list[bytes]]):
        deliver("one")
        imap("INBOX", "--request", r"STORE 1 +FLAGS (\Flagged)")
        assert lab.mailbox(GOTO)[0].flags == {"\\Flagged"}
