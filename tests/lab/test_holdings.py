"""What a lab tells of a person's mail on his server: what rests there, who has it open, who waits."""

from __future__ import annotations

import pytest

from mailkit.lab.lab import Lab
from mailkit.lab.reachability import reachability
from mailkit.lab.story import two_domains, two_pcs

GOTO, SERVER = "goto@example.co.jp", "mail.example.co.jp"


@pytest.fixture(params=["tcp", "memory"])
def lab(request):
    with Lab(two_pcs(), name="holdings", carrier=request.param) as started:
        yield started


def logged_in(lab, host="goto-pc"):
    imap = lab.host(host).imap(SERVER)
    imap.starttls(lab.tls_context())
    imap.login("goto", lab.password(GOTO))
    return imap


def test_folders_come_with_flags_and_uids_inbox_first(lab):
    imap = logged_in(lab)
    imap.create("Archive")
    imap.append("Archive", "(\\Seen)", None, b"Subject: old\r\n\r\n")
    imap.append("INBOX", None, None, b"Subject: new\r\n\r\n")
    held = lab.holdings(GOTO)
    assert held.host == SERVER
    assert [(f.name, [(m.uid, sorted(m.flags)) for m in f.messages]) for f in held.folders] == [
        ("INBOX", [(1, [])]),
        ("Archive", [(1, ["\\Seen"])]),
    ]
    assert held.folder("Archive").uid_validity != held.folder("INBOX").uid_validity
    assert held.folder("Drafts") is None


def test_visitors_are_told_from_the_first_login_to_the_last_logout(lab):
    assert lab.holdings(GOTO).visitors == ()
    imap = logged_in(lab, "goto-mobile")
    (who,) = lab.holdings(GOTO).visitors
    assert (who.flow.client, who.opened, who.idles, who.locks) == ("goto-mobile", "", False, False)
    imap.select("INBOX")
    imap.send(b"x IDLE\r\n")
    imap.readline()
    (who,) = lab.holdings(GOTO).visitors
    assert (who.opened, who.idles) == ("INBOX", True)
    imap.send(b"DONE\r\n")
    imap.readline()
    imap.logout()
    assert lab.holdings(GOTO).visitors == ()


def test_the_lock_of_pop3_is_its_sessions(lab):
    pop = lab.host("goto-pc").pop3(SERVER)
    pop.stls(lab.tls_context())
    assert lab.holdings(GOTO).visitors == ()
    pop.user("goto")
    pop.pass_(lab.password(GOTO))
    (who,) = lab.holdings(GOTO).visitors
    assert (who.flow.client, who.locks) == ("goto-pc", True)
    pop.quit()
    assert lab.holdings(GOTO).visitors == ()


def test_nobody_is_asked_for_whom_no_server_has_mail(lab):
    with pytest.raises(LookupError, match=r"nobody has the mailbox 'x@example\.co\.jp'"):
        lab.holdings("x@example.co.jp")


def test_in_the_world_of_two_pcs_the_mobile_one_fetches_by_pop3_too():
    def reached(world):
        return {
            reach.port
            for reach in reachability(world)
            if (reach.source, reach.destination, reach.result) == ("goto-mobile", SERVER, "open")
        }

    assert reached(two_pcs()) - reached(two_domains()) == {110}
