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
