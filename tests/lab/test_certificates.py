"""Servers that show what a client must refuse, to the standard library's clients, on both carriers."""

from __future__ import annotations

import contextlib
import dataclasses
import ssl
from typing import TYPE_CHECKING

import pytest

from mailkit.lab.story import two_domains
from mailkit.lab.topology import TopologyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.lab.lab import Lab
    from mailkit.lab.topology import Topology

COMPANY_B = "mail.example.co.jp"
GOTO = "goto@example.co.jp"


def world(certificate: str) -> Topology:
    topology = two_domains()
    a, b = topology.servers
    return dataclasses.replace(topology, servers=(a, b._replace(certificate=certificate)))


def over_smtp(lab: Lab) -> None:
    smtp = lab.host("goto-pc").smtp(COMPANY_B, 587)
    try:
        smtp.starttls(context=lab.tls_context())
        smtp.login("goto", lab.password(GOTO))
    finally:
        smtp.close()


def over_pop3(lab: Lab) -> None:
    pop = lab.host("goto-pc").pop3(COMPANY_B)
    try:
        pop.stls(context=lab.tls_context())
        pop.user("goto")
        pop.pass_(lab.password(GOTO))
    finally:
        with contextlib.suppress(OSError):
            pop.close()


def over_imap(lab: Lab) -> None:
    imap = lab.host("goto-pc").imap(COMPANY_B)
    try:
        imap.starttls(ssl_context=lab.tls_context())
        imap.login("goto", lab.password(GOTO))
    finally:
        with contextlib.suppress(OSError):
            imap.shutdown()


CLIENTS = pytest.mark.parametrize("client", [over_smtp, over_pop3, over_imap])


@CLIENTS
def test_a_good_certificate_is_believed(make: Callable[..., Lab], client: Callable[[Lab], None]) -> None:
    client(make(world("good")))


@CLIENTS
@pytest.mark.parametrize(
    ("shows", "code", "reason"),
    [
        ("expired", 10, "certificate has expired"),  # X509_V_ERR_CERT_HAS_EXPIRED
        ("self-signed", 18, "self-signed certificate"),  # X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT
        ("wrong-name", 62, "Hostname mismatch"),  # X509_V_ERR_HOSTNAME_MISMATCH
    ],
)
def test_a_bad_one_is_refused_for_its_reason(
    make: Callable[..., Lab], client: Callable[[Lab], None], shows: str, code: int, reason: str
) -> None:
    lab = make(world(shows))
    with pytest.raises(ssl.SSLCertVerificationError, match=reason) as caught:
        client(lab)
    assert caught.value.verify_code == code
    lab.settle()


def test_the_other_server_of_that_world_is_believed(make: Callable[..., Lab]) -> None:
    lab = make(world("expired"))
    with lab.host("yamada-pc").smtp("mail.example.com", 587) as smtp:
        smtp.starttls(context=lab.tls_context())


def test_an_unknown_kind_of_certificate_is_refused_with_a_sentence() -> None:
    with pytest.raises(TopologyError, match=r"no certificate 'expird' in mail server.*Did you mean 'expired'"):
        world("expird")
