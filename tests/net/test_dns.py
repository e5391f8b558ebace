"""DNS data from zone-file text: what mail asks of it, and what it says of bad text."""

import pytest

from mailkit.net.dns import MX, Resolver, ZoneFileError

ZONE = """\
$ORIGIN example.com.
$TTL 3600
@      SOA   ns hostmaster 1 7200 900 1209600 300
@      NS    ns
ns     A     203.0.113.53
@      MX    20 second
@      MX    10 first
@      MX    20 third.example.net.
first  A     192.0.2.1
first  A     192.0.2.2
@      TXT   "v=spf1 mx -all"
shop   A     192.0.2.80
a.deep A     192.0.2.90
"""
NO_MAIL = "$ORIGIN nomail.example.\n@ 3600 SOA ns host 1 2 3 4 5\n@ 3600 NS ns\n@ 3600 MX 0 .\n"


@pytest.fixture
def resolver() -> Resolver:
    return Resolver([ZONE, NO_MAIL])


def test_mail_exchangers_come_in_the_order_of_preference_and_equal_ones_in_the_files_order(resolver: Resolver) -> None:
    assert resolver.mx("example.com") == [
        MX(10, "first.example.com"),
        MX(20, "second.example.com"),
        MX(20, "third.example.net"),
    ]


def test_the_null_mx_is_an_exchanger_without_a_name(resolver: Resolver) -> None:
    assert resolver.mx("nomail.example") == [MX(0, "")]


def test_a_name_without_mx_records_has_no_exchangers_but_exists(resolver: Resolver) -> None:
    assert resolver.mx("shop.example.com") == []
    assert resolver.exists("shop.example.com")


@pytest.mark.parametrize("name", ["nobody.example.com", "example.org", "xexample.com", "org"])
def test_a_name_that_no_zone_file_has_does_not_exist(resolver: Resolver, name: str) -> None:
    assert not resolver.exists(name)
    assert resolver.mx(name) == []
    assert resolver.address(name) is None


def test_a_name_that_only_stands_above_others_exists(resolver: Resolver) -> None:
    assert resolver.exists("deep.example.com")
    assert resolver.address("deep.example.com") is None


@pytest.mark.parametrize("name", ["FIRST.Example.COM", "first.example.com."])
def test_names_are_compared_without_case_and_with_or_without_the_last_dot(resolver: Resolver, name: str) -> None:
    assert resolver.address(name) == "192.0.2.1"


def test_all_records_of_one_kind_come_as_zone_file_text(resolver: Resolver) -> None:
    assert resolver.lookup("first.example.com", "A") == ("192.0.2.1", "192.0.2.2")
    assert resolver.lookup("example.com", "TXT") == ('"v=spf1 mx -all"',)
    assert resolver.lookup("example.com", "AAAA") == ()


@pytest.mark.parametrize("name", ["a..b", ".example.com", "x" * 64 + ".example.com", ".".join(["x" * 60] * 5)])
def test_what_cannot_be_a_name_is_not_there(resolver: Resolver, name: str) -> None:
    assert not resolver.exists(name)
    assert resolver.mx(name) == []
    assert resolver.address(name) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "$ORIGIN example.com.\n@ 3600 SOA ns host 1 2 3 4 5\n@ 3600 NS ns\n@ 3600 MXX 10 mail\n",
            "$ORIGIN example.com.",
        ),
        (
            "$ORIGIN example.com.\n@ 3600 SOA ns host 1 2 3 4 5\n@ 3600 NS ns\nmail 3600 A 192.0.2.256\n",
            "read: near line ",
        ),
        ("$ORIGIN example.com.\n@ 3600 MX ten mail\n", "$ORIGIN example.com."),
        ("mail 3600 A 192.0.2.1\n", "mail 3600 A 192.0.2.1"),
        ("", "that begins with '' cannot be read: it is empty"),
    ],
)
def test_bad_zone_file_text_is_named_in_a_sentence(text: str, found: str) -> None:
    with pytest.raises(ZoneFileError, match=r"cannot be read: .+") as caught:
        Resolver([text]).mx("example.com")
    assert found in str(caught.value)


ALIASES = """\
$ORIGIN example.org.
$TTL 60
@      SOA   ns hostmaster 1 7200 900 1209600 300
@      NS    ns
mail   CNAME host
host   A     203.0.113.25
away   CNAME first.example.com.
abroad CNAME mail.elsewhere.test.
@      MX    10 mail
circle CNAME square
square CNAME circle
"""
REVERSE = "$ORIGIN 2.0.192.in-addr.arpa.\n@ 60 SOA ns host 1 2 3 4 5\n@ 60 NS ns\n25 60 PTR mail.example.com.\n"


@pytest.fixture
def wide() -> Resolver:
    return Resolver([ZONE, ALIASES, REVERSE], failing=["broken.example.com"])


def test_an_alias_is_followed_within_its_zone_and_into_another(wide: Resolver) -> None:
    assert wide.address("mail.example.org") == "203.0.113.25"
    assert wide.address("away.example.org") == "192.0.2.1"
    answer = wide.answer("away.example.org", "A")
    assert [rrset.to_text() for rrset in answer.records] == [
        "away.example.org. 60 IN CNAME first.example.com.",
        "first.example.com. 3600 IN A 192.0.2.1\nfirst.example.com. 3600 IN A 192.0.2.2",
    ]


def test_an_alias_that_leads_out_of_the_lab_ends_there(wide: Resolver) -> None:
    assert wide.address("abroad.example.org") is None
    assert wide.answer("abroad.example.org", "A").rcode == "NOERROR"


def test_aliases_in_a_circle_are_a_failure_not_a_hang(wide: Resolver) -> None:
    assert wide.answer("circle.example.org", "A").rcode == "SERVFAIL"
    assert wide.address("circle.example.org") is None


def test_the_host_of_an_mx_can_be_found_to_be_an_alias(wide: Resolver) -> None:
    (exchanger,) = wide.mx("example.org")
    assert wide.is_alias(exchanger.host)
    assert not wide.is_alias("host.example.org")
    assert not wide.is_alias("nobody.example.org")


@pytest.mark.parametrize(
    ("name", "kind", "rcode"),
    [
        ("first.example.com", "A", "NOERROR"),
        ("first.example.com", "MX", "NOERROR"),
        ("deep.example.com", "A", "NOERROR"),
        ("nobody.example.com", "A", "NXDOMAIN"),
        ("example.net", "A", "REFUSED"),
        ("broken.example.com", "MX", "SERVFAIL"),
        ("mx.broken.example.com", "A", "SERVFAIL"),
        ("a..b", "A", "NXDOMAIN"),
    ],
)
def test_the_response_code_tells_no_data_no_name_not_mine_and_failure_apart(
    wide: Resolver, name: str, kind: str, rcode: str
) -> None:
    assert wide.answer(name, kind).rcode == rcode


def test_a_pointer_gives_an_address_its_name(wide: Resolver) -> None:
    assert wide.name_of("192.0.2.25") == "mail.example.com"
    assert wide.name_of("192.0.2.26") is None


def test_text_records(wide: Resolver) -> None:
    assert wide.lookup("example.com", "TXT") == ('"v=spf1 mx -all"',)
