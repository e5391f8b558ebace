"""The worlds of the course tell its story: who calls, by which rule, what each hop adds, where the bytes rest."""

from __future__ import annotations

import re
import smtplib
from typing import TYPE_CHECKING, NamedTuple

import pytest

from mailkit.lab.lab import Lab, StillWaiting
from mailkit.lab.reachability import reachability
from mailkit.lab.story import direct_to_pc, dmz, four_servers, open_relay, single_server
from mailkit.mail.envelope import Address, header_fields
from mailkit.server.relay_policy import USUAL, RelayPolicy
from mailkit.trace.transcript import Dialled, Handled

from .conftest import GOTO, LETTER, YAMADA

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.lab.topology import Topology
    from mailkit.mail.mailbox import Message
    from mailkit.server.relay_policy import RelayRule

SATO = "sato@example.org"
INTERNAL = "mail.example.co.jp"
REPLY = LETTER.replace(b"The first letter", b"Re: The first letter")


class Call(NamedTuple):
    """A line of the story: who called whom, and which rule of the firewall let it pass."""

    client: str
    server: str
    port: int
    verdict: str
    rule: int | None


def calls(lab: Lab) -> list[Call]:
    return [Call(c.flow.client, c.flow.server, c.flow.port, c.verdict, c.rule) for c in lab.transcript.only(Dialled)]


def hops(message: Message) -> list[tuple[str, str, str]]:
    """(client, server, protocol) of each Received field, from the oldest."""
    lines = [value for name, value in header_fields(message.raw) if name == "Received"]
    found = [re.search(r"from \S+ \((\S+) \[.*\]\) by (\S+) with (\S+) id ", line) for line in reversed(lines)]
    return [(m[1], m[2], m[3]) for m in found if m]


def return_path(message: Message) -> list[str]:
    return [value.strip("<>") for name, value in header_fields(message.raw) if name == "Return-Path"]


def write_from_the_office(lab: Lab, to: str = YAMADA) -> None:
    """Goto's PC hands a letter to company B's internal server, as his mail program does."""
    with lab.host("goto-pc").smtp(INTERNAL, 587) as smtp:
        smtp.starttls(context=lab.tls_context())
        smtp.login("goto", lab.password(GOTO))
        smtp.sendmail(GOTO, [to], REPLY)


class TestInbound:
    """①②③: what a stranger writes gets into a mailbox that no stranger can call."""

    def test_1_the_internet_calls_the_relay_in_the_dmz(
        self, make: Callable[..., Lab], submit: Callable[..., None]
    ) -> None:
        lab = make(dmz())
        submit(lab)
        lab.settle()
        assert calls(lab)[:2] == [
            ("yamada-pc", "mail.example.com", 587, "accept", None),  # Yamada's own network: no firewall between
            ("mail.example.com", "relay", 25, "accept", 2),
        ]
        assert lab.topology.rules[2 - 1][:4] == ("any", "relay", 25, "accept")

    def test_2_the_relay_calls_the_internal_server_and_keeps_nothing(
        self, make: Callable[..., Lab], submit: Callable[..., None]
    ) -> None:
        lab = make(dmz())
        submit(lab)
        lab.settle()
        assert calls(lab)[2:] == [("relay", INTERNAL, 25, "accept", 3)]
        assert lab.topology.rules[3 - 1][:4] == ("relay", INTERNAL, 25, "accept")
        acts = {(act.host, act.act) for act in lab.transcript.only(Handled)}
        passed_on = {(host, act) for host in ("mail.example.com", "relay") for act in ("queued", "relayed")}
        assert acts == {*passed_on, (INTERNAL, "queued"), (INTERNAL, "filed")}
        for server in ("mail.example.com", "relay", INTERNAL):
            assert lab.queue(server) == ()
        (letter,) = lab.mailbox(GOTO)
        assert hops(letter) == [
            ("yamada-pc", "mail.example.com", "ESMTPSA"),
            ("mail.example.com", "relay.example.co.jp", "ESMTP"),
            ("relay", INTERNAL, "ESMTP"),
        ]
        assert return_path(letter) == [YAMADA]
        assert letter.raw.endswith(LETTER.partition(b"\r\n\r\n")[2])

    @pytest.mark.parametrize("port", [143, 110])
    def test_3_gotos_pc_calls_the_internal_server_and_fetches(
        self, make: Callable[..., Lab], submit: Callable[..., None], port: int
    ) -> None:
        lab = make(dmz())
        submit(lab)
        lab.settle()
        fetched = by_imap(lab) if port == 143 else by_pop3(lab)
        assert fetched == lab.mailbox(GOTO)[0].raw
        assert calls(lab)[-1] == ("goto-pc", INTERNAL, port, "accept", None)  # one segment: no firewall between

    @pytest.mark.parametrize("outbound", ["relay", "direct"])
    def test_what_the_internal_server_does_not_know_comes_back_to_the_sender(
        self, make: Callable[..., Lab], submit: Callable[..., None], outbound: str
    ) -> None:
        lab = make(dmz(outbound=outbound))  # type: ignore[arg-type]
        submit(lab, to=("nobody@example.co.jp",))
        lab.settle()
        (bounce,) = lab.mailbox(YAMADA)
        assert return_path(bounce) == [""]
        assert (
            hops(bounce)
            == {
                "relay": [("relay", "mail.example.com", "ESMTP")],
                "direct": [("relay", INTERNAL, "ESMTP"), (INTERNAL, "mail.example.com", "ESMTP")],
            }[outbound]
        )


def by_imap(lab: Lab) -> bytes:
    with lab.host("goto-pc").imap(INTERNAL, 143) as imap:
        imap.starttls(lab.tls_context())
        imap.login("goto", lab.password(GOTO))
        imap.select()
        answer = imap.fetch("1", "(BODY.PEEK[])")[1][0]
        assert isinstance(answer, tuple)
        return answer[1]


def by_pop3(lab: Lab) -> bytes:
    pop = lab.host("goto-pc").pop3(INTERNAL, 110)
    pop.stls(lab.tls_context())
    pop.user("goto")
    pop.pass_(lab.password(GOTO))
    lines = pop.retr(1)[1]
    pop.quit()
    return b"".join(line + b"\r\n" for line in lines)


class TestOutbound:
    def test_through_the_relay_there_is_one_way_out(self, make: Callable[..., Lab]) -> None:
        lab = make(dmz(outbound="relay"))
        write_from_the_office(lab)
        lab.settle()
        assert calls(lab) == [
            ("goto-pc", INTERNAL, 587, "accept", None),
            (INTERNAL, "relay", 25, "accept", 2),
            ("relay", "mail.example.com", 25, "accept", 4),
        ]
        (letter,) = lab.mailbox(YAMADA)
        assert hops(letter) == [
            ("goto-pc", INTERNAL, "ESMTPSA"),
            (INTERNAL, "relay.example.co.jp", "ESMTP"),
            ("relay", "mail.example.com", "ESMTP"),
        ]
        assert b"[198.51.100.25]" in letter.raw  # the one address that company A has seen
        assert return_path(letter) == [GOTO]

    def test_straight_from_the_internal_server_the_relay_is_not_asked(self, make: Callable[..., Lab]) -> None:
        lab = make(dmz(outbound="direct"))
        write_from_the_office(lab)
        lab.settle()
        assert calls(lab) == [
            ("goto-pc", INTERNAL, 587, "accept", None),
            (INTERNAL, "mail.example.com", 25, "accept", 4),
        ]
        (letter,) = lab.mailbox(YAMADA)
        assert hops(letter) == [("goto-pc", INTERNAL, "ESMTPSA"), (INTERNAL, "mail.example.com", "ESMTP")]

    @pytest.mark.parametrize(("outbound", "idle"), [("relay", INTERNAL), ("direct", "relay")])
    def test_the_server_that_does_not_send_may_not_call_outside(self, outbound: str, idle: str) -> None:
        world = dmz(outbound=outbound)  # type: ignore[arg-type]
        seen = {(c.result, c.rule) for c in reachability(world) if c.source == idle and c.destination in outside(world)}
        assert seen == {("no answer", None)}


def outside(world: Topology) -> set[str]:
    """Hosts on the internet and at the ISP."""
    return {host.name for host in world.hosts if host.zone in ("internet", "isp")}


class TestOP25B:
    def test_direct_outbound_is_refused_by_the_isps_rule_and_waits(self, make: Callable[..., Lab]) -> None:
        lab = make(dmz(outbound="direct", op25b=True))
        write_from_the_office(lab)
        with pytest.raises(StillWaiting, match=f"{INTERNAL} still has .* for {YAMADA}"):
            lab.settle()
        assert calls(lab)[-1] == (INTERNAL, "mail.example.com", 25, "reject", 2)
        assert lab.topology.rules[2 - 1][:4] == (INTERNAL, "internet", 25, "reject")
        (entry,) = lab.queue(INTERNAL)
        assert entry.envelope == (GOTO, (YAMADA,))
        assert lab.mailbox(YAMADA) == ()

    def test_the_relays_way_works(self, make: Callable[..., Lab]) -> None:
        lab = make(dmz(outbound="relay", op25b=True))
        write_from_the_office(lab)
        lab.settle()
        assert calls(lab)[1:] == [(INTERNAL, "relay", 25, "accept", 4), ("relay", "mail.example.com", 25, "accept", 6)]
        assert len(lab.mailbox(YAMADA)) == 1

    def test_a_pc_on_the_isps_line_sends_by_587_and_not_by_25(self, make: Callable[..., Lab]) -> None:
        lab = make(dmz(op25b=True))
        with pytest.raises(ConnectionRefusedError, match="firewall rule 1 rejects it"):
            lab.host("goto-mobile").smtp("mail.example.com", 25)
        with lab.host("goto-mobile").smtp("mail.isp.example", 587) as smtp:
            smtp.starttls(context=lab.tls_context())
            smtp.login("goto@isp.example", lab.password("goto@isp.example"))
            smtp.sendmail("goto@isp.example", [YAMADA], REPLY)
        lab.settle()
        assert [call[:3] for call in calls(lab)[1:]] == [
            ("goto-mobile", "mail.isp.example", 587),
            ("mail.isp.example", "mail.example.com", 25),
        ]
        assert len(lab.mailbox(YAMADA)) == 1

    @pytest.mark.parametrize("outbound", ["relay", "direct"])
    def test_mail_still_comes_in(self, make: Callable[..., Lab], submit: Callable[..., None], outbound: str) -> None:
        lab = make(dmz(outbound=outbound, op25b=True))  # type: ignore[arg-type]
        submit(lab)
        lab.settle()
        assert len(lab.mailbox(GOTO)) == 1


class TestTheAttacker:
    """He wants the relay to carry his mail to Sato, in whichever way he writes it."""

    @pytest.mark.parametrize("outbound", ["relay", "direct"])
    @pytest.mark.parametrize(
        "recipient",
        [
            "<sato@example.org>",
            "<@relay.example.co.jp:sato@example.org>",  # a source route is read over: RFC 5321 §4.1.1.3
            "<@relay.example.co.jp,@mail.example.co.jp:sato@example.org>",
            '<"sato"@example.org>',
            "<sato%example.co.jp@example.org>",
        ],
    )
    def test_is_refused_by_the_last_row_of_the_relays_table(
        self, make: Callable[..., Lab], outbound: str, recipient: str
    ) -> None:
        world = dmz(outbound=outbound)  # type: ignore[arg-type]
        lab = make(world)
        assert answer_to(lab, recipient) == 550
        table = next(server.relaying for server in world.servers if server.host == "relay")
        address = Address.parse(recipient.strip("<>").rpartition(":")[2])
        ruling = RelayPolicy(("example.co.jp",), table).decide(
            address, authenticated=False, zone="internet", host="attacker"
        )
        assert ruling == ("refuse", len(table))
        lab.settle()
        assert calls(lab) == [("attacker", "relay", 25, "accept", 2)]

    @pytest.mark.parametrize(
        "recipient",
        [
            "<sato%example.org@example.co.jp>",
            '<"sato@example.org"@example.co.jp>',
            "<example.org!sato@example.co.jp>",
            "<@example.org:sato%example.org@example.co.jp>",
        ],
    )
    def test_who_hides_another_domain_in_the_local_part_writes_to_company_b_alone(
        self, make: Callable[..., Lab], recipient: str
    ) -> None:
        """The relay takes it on, its own domain stands there; the internal server has no such mailbox."""
        lab = make(dmz())
        assert answer_to(lab, recipient, send=True) == 250
        lab.settle()
        assert lab.mailbox(SATO) == ()
        assert {(c.client, c.server) for c in calls(lab)} == {("attacker", "relay"), ("relay", INTERNAL)}
        (lost,) = [act for act in lab.transcript.only(Handled) if act.act == "bounced" and act.reverse_path]
        assert (lost.host, lost.detail[:9]) == ("relay", "550 5.1.1")

    def test_he_cannot_pass_for_the_internal_server_by_name(self, make: Callable[..., Lab]) -> None:
        lab = make(dmz())
        with lab.host("attacker").smtp("relay", 25, local_hostname=INTERNAL) as smtp:
            smtp.ehlo()
            smtp.mail("<goto@example.co.jp>")
            assert smtp.rcpt(SATO)[0] == 550

    def test_every_server_of_the_story_refuses_to_relay_for_him(self, make: Callable[..., Lab]) -> None:
        lab = make(dmz())
        for server in ("mail.example.com", "mail.isp.example", "relay"):
            with lab.host("attacker").smtp(server, 25) as smtp:
                smtp.ehlo()
                smtp.mail("spam@example.net")
                assert smtp.rcpt(SATO)[0] == 550

    def test_a_pc_inside_may_not_relay_without_a_password_nor_past_the_internal_server(
        self, make: Callable[..., Lab]
    ) -> None:
        lab = make(dmz())
        for server in (INTERNAL, "relay"):
            with lab.host("goto-pc").smtp(server, 25) as smtp:
                smtp.ehlo()
                smtp.mail(GOTO)
                assert smtp.rcpt(SATO)[0] == 550


def answer_to(lab: Lab, recipient: str, *, send: bool = False) -> int:
    """The code that the relay gives the attacker for `RCPT TO:recipient`; with `send`, the letter follows."""
    with lab.host("attacker").smtp("relay", 25) as smtp:
        smtp.ehlo()
        assert smtp.docmd("MAIL FROM:<spam@example.net>")[0] == 250
        code = smtp.docmd(f"RCPT TO:{recipient}")[0]
        if send:
            assert smtp.data(LETTER)[0] == 250
        return code


@pytest.mark.parametrize("op25b", [False, True])
@pytest.mark.parametrize("outbound", ["relay", "direct"])
def test_nobody_outside_reaches_the_internal_segment_and_the_relay_one_port_of_it(outbound: str, op25b: bool) -> None:
    world = dmz(outbound=outbound, op25b=op25b)  # type: ignore[arg-type]
    inside = {host.name for host in world.hosts if host.zone == "internal"}
    open_ = {(c.source, c.destination, c.port) for c in reachability(world) if c.result == "open"}
    into = {cell for cell in open_ if cell[1] in inside and cell[0] not in inside}
    assert into == {("relay", INTERNAL, 25)}
    assert {cell[1:] for cell in open_ if cell[0] == "attacker" and cell[1] not in outside(world)} == {("relay", 25)}


class TestDirectToThePC:
    """Chapter 2: why a letter is not handed to Goto's PC itself."""

    PC_ADDRESS = "goto@goto-pc.example.co.jp"

    def test_behind_the_firewall_nobody_reaches_it_and_the_letter_waits(
        self, make: Callable[..., Lab], submit: Callable[..., None]
    ) -> None:
        lab = make(direct_to_pc(firewall=True))
        submit(lab, to=(self.PC_ADDRESS,))
        with pytest.raises(StillWaiting):
            lab.settle()
        assert calls(lab)[-1] == ("mail.example.com", "goto-pc", 25, "drop", None)
        assert [entry.envelope.forward_paths for entry in lab.queue("mail.example.com")] == [(self.PC_ADDRESS,)]
        assert lab.mailbox(self.PC_ADDRESS) == ()

    def test_without_it_the_letter_comes_and_so_does_everybody(
        self, make: Callable[..., Lab], submit: Callable[..., None]
    ) -> None:
        lab = make(direct_to_pc(firewall=False))
        submit(lab, to=(self.PC_ADDRESS,))
        lab.settle()
        assert calls(lab)[-1] == ("mail.example.com", "goto-pc", 25, "accept", 6)
        (letter,) = lab.mailbox(self.PC_ADDRESS)
        assert hops(letter)[-1] == ("mail.example.com", "goto-pc.example.co.jp", "ESMTP")
        with lab.host("goto-mobile").smtp("goto-pc", 25) as stranger:
            assert stranger.noop()[0] == 250

    @pytest.mark.parametrize("firewall", [True, False])
    def test_to_the_server_it_comes_in_either_case(
        self, make: Callable[..., Lab], submit: Callable[..., None], firewall: bool
    ) -> None:
        lab = make(direct_to_pc(firewall=firewall))
        submit(lab)
        lab.settle()
        assert len(lab.mailbox(GOTO)) == 1


def test_one_server_serves_its_own_people_and_strangers_with_mail_for_them(make: Callable[..., Lab]) -> None:
    lab = make(single_server())
    with lab.host("attacker").smtp("mail.example.com", 25) as smtp:
        assert smtp.sendmail("spam@example.net", [YAMADA], LETTER) == {}
    with lab.host("attacker").smtp("mail.example.com", 25) as smtp, pytest.raises(smtplib.SMTPRecipientsRefused):
        smtp.sendmail("spam@example.net", [SATO], LETTER)
    with pytest.raises(TimeoutError):
        lab.host("attacker").imap("mail.example.com", 143)
    lab.settle()
    assert [hops(letter) for letter in lab.mailbox(YAMADA)] == [[("attacker", "mail.example.com", "ESMTP")]]


class TestFourServers:
    """RFC 5321 §5.1: the servers of a domain by their numbers, and a domain without MX."""

    BACKUP = "backup.example.co.jp"

    def test_the_backup_holds_mail_until_the_first_server_answers_and_relays_for_nobody_else(
        self, make: Callable[..., Lab], submit: Callable[..., None]
    ) -> None:
        lab = make(four_servers())
        lab.switch_off(INTERNAL)
        submit(lab)
        lab.advance(minutes=10)
        assert [entry.envelope.forward_paths for entry in lab.queue(self.BACKUP)] == [(GOTO,)]
        lab.switch_on(INTERNAL)
        lab.advance(hours=1)
        assert [client for client, *_ in hops(lab.mailbox(GOTO)[0])] == ["yamada-pc", "mail.example.com", self.BACKUP]
        with lab.host("attacker").smtp(self.BACKUP) as smtp, pytest.raises(smtplib.SMTPRecipientsRefused):
            smtp.sendmail("spam@example.net", [SATO], LETTER)

    def test_the_third_partys_server_takes_its_own_mail_and_holds_company_bs(self, make: Callable[..., Lab]) -> None:
        lab = make(four_servers())
        with lab.host("attacker").smtp("mail.example.org") as smtp:
            assert smtp.sendmail("spam@example.net", [SATO, GOTO], LETTER) == {}
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                smtp.sendmail("spam@example.net", [YAMADA], LETTER)
        lab.settle()
        assert (len(lab.mailbox(SATO)), len(lab.mailbox(GOTO))) == (1, 1)

    def test_without_an_mx_record_the_domains_own_address_takes_its_mail(
        self, make: Callable[..., Lab], submit: Callable[..., None]
    ) -> None:
        lab = make(four_servers())
        submit(lab, to=(SATO,))
        lab.settle()
        assert len(lab.mailbox(SATO)) == 1


@pytest.mark.parametrize(("relaying", "arrived"), [(None, 1), (USUAL, 0)])
def test_an_open_relay_carries_strangers_mail_until_its_table_is_closed(
    make: Callable[..., Lab], relaying: tuple[RelayRule, ...] | None, arrived: int
) -> None:
    world = open_relay()
    lab = make(world if relaying is None else world.with_relaying("mail.example.com", relaying))
    with lab.host("attacker").smtp("mail.example.com", 25) as smtp:
        smtp.ehlo("attacker.example.net")
        smtp.docmd("MAIL", f"FROM:<{YAMADA}>")
        code, _text = smtp.docmd("RCPT", f"TO:<{SATO}>")
        if code == 250:
            smtp.data(LETTER)
    lab.settle()
    assert (code, len(lab.mailbox(SATO))) == (250 if arrived else 550, arrived)
