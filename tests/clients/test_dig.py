"""dig, the administrators' tool for DNS, asks the lab's name server as it asks any other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from mailkit.lab.lab import Lab
from mailkit.lab.story import dmz

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mailkit.net.publish_dns import PublishedDNS

pytestmark = pytest.mark.clients
LONG = "".join(f'long TXT "{number:02} {"x" * 240}"\n' for number in range(8))
RECORDS = f"""\
$ORIGIN example.co.jp.
@     TXT   "v=spf1 ip4:198.51.100.25 -all"
round CNAME andround
andround CNAME round
middle TXT  "{"y" * 250}" "{"y" * 250}" "{"y" * 250}"
{LONG}"""
NO_REPLY = 9


@pytest.fixture
def name_server(caplog: pytest.LogCaptureFixture) -> Iterator[PublishedDNS]:
    with Lab(dmz().with_records(RECORDS), name="dig", carrier="tcp") as lab:
        yield lab.publish_dns()
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []


@pytest.fixture
def dig(name_server: PublishedDNS, run: Callable[..., bytes]) -> Callable[..., str]:
    """`dig("example.co.jp", "MX")` returns the whole of what dig prints; its own settings are left out by -r."""
    at = ["-r", f"@{name_server.host}", "-p", name_server.port]
    return lambda *question, code=0: run("dig", *at, *question, "+time=5", "+tries=1", code=code).decode()


def status(said: str) -> str:
    return re.findall(r"status: (\w+)", said)[-1]


@pytest.mark.parametrize("over", ["+notcp", "+tcp"])
@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (("example.co.jp", "MX"), "10 relay.example.co.jp.\n"),
        (("example.co.jp", "TXT"), '"v=spf1 ip4:198.51.100.25 -all"\n'),
        (("relay.example.co.jp", "A"), "198.51.100.25\n"),
        (("-x", "198.51.100.25"), "relay.example.co.jp.\n"),
    ],
)
def test_each_question_has_its_answer(
    dig: Callable[..., str], question: tuple[str, ...], answer: str, over: str
) -> None:
    assert dig(*question, "+short", over) == answer


def test_the_internal_server_is_in_no_public_zone(dig: Callable[..., str]) -> None:
    assert status(dig("mail.example.co.jp", "A")) == "NXDOMAIN"


@pytest.mark.parametrize(
    ("name", "rcode"),
    [
        ("nobody.example.co.jp", "NXDOMAIN"),
        ("round.example.co.jp", "SERVFAIL"),
        ("example.co.jp", "NOERROR"),
        ("example.net", "REFUSED"),
    ],
)
def test_what_is_not_there_has_its_status(dig: Callable[..., str], name: str, rcode: str) -> None:
    said = dig(name, "A")
    assert status(said) == rcode
    assert "\tIN\tA\t" not in said


def test_an_answer_too_long_for_udp_comes_over_tcp(dig: Callable[..., str]) -> None:
    cut_off = dig("long.example.co.jp", "TXT", "+ignore")
    assert re.search(r"flags: [^;]*\btc\b", cut_off)
    assert "ANSWER: 0," in cut_off
    whole = dig("long.example.co.jp", "TXT")
    assert ";; Truncated, retrying in TCP mode." in whole
    assert "ANSWER: 8," in whole
    assert "(TCP)" in whole


def test_a_client_without_edns_takes_no_more_than_512_octets(dig: Callable[..., str]) -> None:
    assert ";; Truncated" not in dig("middle.example.co.jp", "TXT", "+bufsize=1232")
    assert ";; Truncated" in dig("middle.example.co.jp", "TXT", "+bufsize=600")
    assert ";; Truncated, retrying in TCP mode." in dig("middle.example.co.jp", "TXT", "+noedns")


def test_a_closed_one_does_not_answer(name_server: PublishedDNS, dig: Callable[..., str]) -> None:
    name_server.close()
    dig("example.co.jp", "MX", code=NO_REPLY)
    dig("example.co.jp", "MX", "+tcp", code=NO_REPLY)
