"""Wireshark's own dissectors read the capture file of a run: no packet is malformed, the protocols are recognised."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from mailkit.trace.pcap import pcap

from .conftest import GOTO, MAIL_A, MAIL_B, YAMADA, letter

if TYPE_CHECKING:
    from pathlib import Path

    from mailkit.lab.lab import Lab

pytestmark = pytest.mark.clients


def tshark(file: Path, *arguments: str) -> list[str]:
    """What it prints, line by line; checksums are checked."""
    checks = ["-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE"]
    done = subprocess.run(
        ["tshark", "-n", "-r", str(file), *checks, *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.splitlines()


@pytest.fixture
def capture(lab: Lab, tmp_path: Path) -> Path:
    """A letter handed in over STARTTLS, relayed, fetched by POP3 in the clear, and a call that the firewall drops."""
    with lab.host("yamada-pc").smtp(MAIL_A, 587) as smtp:
        smtp.starttls(context=lab.tls_context())
        smtp.login("yamada", lab.password(YAMADA))
        smtp.sendmail(YAMADA, [GOTO], letter("seen"))
    lab.settle()
    pop = lab.host("goto-pc").pop3(MAIL_B)
    pop.user("goto")
    pop.pass_(lab.password(GOTO))
    pop.retr(1)
    pop.quit()
    with pytest.raises(OSError, match="587"):
        lab.host("goto-mobile").smtp(MAIL_A, 587)
    file = tmp_path / "run.pcap"
    file.write_bytes(pcap(lab.transcript))
    return file


def test_no_packet_is_malformed_out_of_order_or_of_a_wrong_checksum(capture: Path) -> None:
    wrong = "_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0 || tcp.analysis.lost_segment"
    assert tshark(capture, "-Y", wrong) == []
    assert tshark(capture, "-Y", "tcp.analysis.retransmission || tcp.analysis.out_of_order") == []


def test_the_commands_that_the_wire_showed_are_found_those_in_tls_are_not(capture: Path) -> None:
    commands = tshark(capture, "-Y", "smtp.req.command && tcp.dstport == 587", "-T", "fields", "-e", "smtp.req.command")
    assert [command.upper()[:4] for command in commands] == ["EHLO", "STAR"]  # it cuts a command to four letters
    relayed = tshark(capture, "-Y", "smtp.req.command && tcp.dstport == 25", "-T", "fields", "-e", "smtp.req.command")
    assert "EHLO" in [command.upper() for command in relayed]
    assert tshark(capture, "-Y", "tls.record.content_type == 23 && tcp.port == 587")


def test_a_password_in_the_clear_is_read_by_anyone(capture: Path, lab: Lab) -> None:
    said = tshark(capture, "-Y", 'pop.request.command == "PASS"', "-T", "fields", "-e", "pop.request.parameter")
    assert said == [lab.password(GOTO)]
