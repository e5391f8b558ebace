"""A host falls: before and after, whom the attacker can call, and what he can read."""

from __future__ import annotations

import contextlib
import poplib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mailkit.lab.lab import StillWaiting
from mailkit.lab.reachability import served_ports
from mailkit.lab.story import dmz, two_domains
from mailkit.net.network import UnknownName
from mailkit.net.zones import Rule
from mailkit.server.faults import Answer
from mailkit.trace.transcript import Dialled, Fallen

from .conftest import GOTO, LETTER, YAMADA

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.lab.lab import Lab
    from mailkit.lab.topology import Topology

INTERNAL = "mail.example.co.jp"
BUSY = Answer("RCPT", "451 4.3.2 come back later", server=INTERNAL, port=25)


def mailboxes_in_the_dmz() -> Topology:
    """The shortcut that the course warns of: one server for company B, where everybody can call it."""
    world = dmz()
    relay, inside = (server for server in world.servers if server.host in ("relay", INTERNAL))
    merged = relay._replace(users=inside.users, routes=(), ports=(25, 143))
    others = tuple(server for server in world.servers if server not in (relay, inside))
    return replace(world, servers=(*others, merged)).with_rule(Rule("internal", "relay", None, "accept"))


def opened(lab: Lab, sources: tuple[str, ...]) -> set[tuple[str, str, int, int | None]]:
    """What a caller finds open from each of `sources` by really connecting, with the rule that let him."""
    found = set()
    for source in sources:
        for host in lab.topology.hosts:
            for port in served_ports(lab.topology):
                if host.name in sources:
                    continue
                try:
                    lab.host(source).connect(host.address, port).close()
                except (ConnectionRefusedError, TimeoutError):
                    continue
                call = lab.transcript.last(Dialled)
                assert call is not None
                found.add((source, host.name, port, call.rule))
    return found


def test_the_fallen_relay_gives_a_way_to_the_internal_servers_port_25_and_no_mailbox(
    make: Callable[..., Lab], submit: Callable[..., None]
) -> None:
    lab = make(dmz(), faults=[BUSY])
    submit(lab)
    with pytest.raises(StillWaiting):
        lab.settle()
    before = lab.exposure()
    assert (before.own, before.fallen, before.gained, before.queued) == (("attacker",), (), (), ())
    assert INTERNAL not in {cell.destination for cell in before.reach}

    attacker = lab.compromise("relay")
    after = lab.exposure()
    assert (attacker.name, after.fallen) == ("relay", ("relay",))
    assert after.gained == (("relay", INTERNAL, 25, "open", 3),)
    assert after.mailboxes == ()
    assert after.queued == (("relay", "D1", YAMADA, (GOTO,)),)
    assert "Mailboxes that he can read: nothing" in repr(after)
    assert f"relay -> {INTERNAL}: 25 (rule 3)" in repr(after)


def test_mailboxes_in_the_dmz_fall_with_the_relay(make: Callable[..., Lab], submit: Callable[..., None]) -> None:
    lab = make(mailboxes_in_the_dmz())
    for _ in range(3):
        submit(lab)
    lab.settle()
    assert lab.exposure().mailboxes == ()
    lab.compromise("relay")
    assert lab.exposure().mailboxes == (("relay", GOTO, 3),)
    assert f"{GOTO} on relay, messages: 3" in repr(lab.exposure())


@pytest.mark.parametrize("world", [dmz(), dmz(outbound="direct", op25b=True), mailboxes_in_the_dmz(), two_domains()])
def test_the_reach_is_what_connecting_finds(make: Callable[..., Lab], world: Topology) -> None:
    lab = make(world)
    fallen = "relay" if any(host.name == "relay" for host in world.hosts) else "goto-mobile"
    for host in (None, fallen):
        if host:
            lab.compromise(host)
        said = lab.exposure()
        assert {(c.source, c.destination, c.port, c.rule) for c in said.reach} == opened(lab, said.own + said.fallen)


def test_a_letter_that_passes_after_the_fall_is_read_and_one_that_passed_before_is_not(
    make: Callable[..., Lab], submit: Callable[..., None]
) -> None:
    lab = make(dmz())
    submit(lab)
    lab.settle()
    lab.compromise("relay")
    assert lab.exposure().passed == ()
    submit(lab)
    lab.settle()
    now = lab.exposure()
    assert now.passed == (("relay", "D2", YAMADA, (GOTO,)),)
    assert now.queued == ()
    assert len(lab.mailbox(GOTO)) == 2


def log_in(lab: Lab) -> None:
    with lab.host("goto-pc").imap(INTERNAL, 993) as imap:
        imap.login("goto", lab.password(GOTO))


def test_a_login_is_seen_where_it_ends_or_begins_and_only_since_the_fall(make: Callable[..., Lab]) -> None:
    lab = make(dmz())
    log_in(lab)
    lab.compromise("relay")
    lab.compromise(INTERNAL)
    assert lab.exposure().logins == ()
    log_in(lab)
    seen = lab.exposure().logins
    assert [(login.host, login.address, login.flow.client) for login in seen] == [(INTERNAL, GOTO, "goto-pc")]
    assert lab.password(GOTO) not in repr(lab.exposure())


def test_tls_does_not_hide_a_password_from_the_server_it_ends_at_nor_from_the_pc_it_begins_at(
    make: Callable[..., Lab], submit: Callable[..., None]
) -> None:
    lab = make(two_domains())
    lab.compromise("mail.example.com")
    lab.compromise("yamada-pc")
    lab.compromise("mail.example.co.jp")
    submit(lab)  # STARTTLS, then AUTH PLAIN: Base64
    lab.settle()
    seen = lab.exposure().logins
    assert [(login.host, login.address) for login in seen] == [("mail.example.com", YAMADA), ("yamada-pc", YAMADA)]


def test_a_wrong_password_gives_nothing_away(make: Callable[..., Lab]) -> None:
    lab = make(two_domains())
    lab.compromise("mail.example.co.jp")
    for password, seen in (("wrong", 0), (lab.password(GOTO), 1)):
        pop = lab.host("goto-pc").pop3("mail.example.co.jp")
        pop.stls(context=lab.tls_context())
        pop.user("goto")
        with contextlib.suppress(poplib.error_proto):
            pop.pass_(password)
        pop.quit()
        assert len(lab.exposure().logins) == seen


def test_a_host_falls_once_and_is_recorded_and_a_wrong_name_is_told(make: Callable[..., Lab]) -> None:
    lab = make(dmz())
    lab.compromise("relay")
    with lab.compromise("relay").smtp(INTERNAL) as smtp:
        assert smtp.sendmail("spam@example.net", [GOTO], LETTER) == {}
    lab.settle()
    assert [record.host for record in lab.transcript.only(Fallen)] == ["relay"]
    assert [flow.client for flow in lab.transcript.flows()] == ["relay"]
    with pytest.raises(UnknownName, match="no host 'relayy'"):
        lab.compromise("relayy")


def test_an_exposure_does_not_change_when_the_world_goes_on(make: Callable[..., Lab]) -> None:
    lab = make(dmz())
    before = lab.exposure()
    lab.compromise("relay")
    assert before.fallen == ()
    with pytest.raises(AttributeError):
        before.fallen = ("relay",)  # type: ignore[misc]
