"""The lab's certificates: one authority, however many ask first."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import trustme

from mailkit.lab.tls import CertificateDesk

if TYPE_CHECKING:
    import pytest


def test_a_servers_certificate_is_made_once_and_each_client_has_a_context_of_its_own() -> None:
    desk = CertificateDesk()
    assert desk.for_server("mail.example.com") is desk.for_server("mail.example.com")
    assert desk.for_server("mail.example.com") is not desk.for_server("mail.example.org")
    assert desk.for_client() is not desk.for_client()


def test_two_threads_that_ask_first_at_the_same_moment_share_one_authority(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[trustme.CA] = []
    another = threading.Event()

    class Slow(trustme.CA):
        def __init__(self, **options: str) -> None:
            made.append(self)
            if len(made) > 1:
                another.set()
            another.wait(0.1)  # as long as it takes the other thread to come by, if it can
            super().__init__(**options)

    monkeypatch.setattr(trustme, "CA", Slow)
    desk = CertificateDesk()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(desk.for_server, ["a.example", "b.example"]))
    assert len(made) == 1
