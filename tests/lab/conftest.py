"""What the tests of the lab share: the world of two domains on both carriers, and a letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailkit.lab.lab import Lab
from mailkit.lab.story import two_domains

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mailkit.lab.topology import Topology

YAMADA, GOTO = "yamada@example.com", "goto@example.co.jp"
LETTER = (
    b"From: Yamada <yamada@example.com>\r\nTo: Goto <goto@example.co.jp>\r\nSubject: The first letter\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    b"\xe5\xbe\x8c\xe8\x97\xa4\xe3\x81\x95\xe3\x82\x93\r\n.a dot\r\n..two dots\r\n.\r\n\r\nFrom here on, no more.\r\n"
)


@pytest.fixture(params=["tcp", "memory"])
def carrier(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make(carrier: str, caplog: pytest.LogCaptureFixture) -> Iterator[Callable[..., Lab]]:
    """`make(topology)` starts a lab and ends it after the test; nothing in it may have failed unseen."""
    labs: list[Lab] = []

    def start(topology: Topology | None = None, **options: object) -> Lab:
        lab = Lab(topology or two_domains(), name=f"test {len(labs)}", carrier=carrier, **options)  # type: ignore[arg-type]
        labs.append(lab)
        return lab.start()

    yield start
    for lab in labs:
        lab.stop()
        assert getattr(lab._carrier.loop, "errors", []) == []
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []


@pytest.fixture
def lab(make: Callable[..., Lab]) -> Lab:
    """Two companies, over TCP and in memory."""
    return make()


@pytest.fixture
def letter() -> bytes:
    return LETTER


@pytest.fixture
def submit() -> Callable[..., None]:
    """`submit(lab)` hands Yamada's letter to her server, as her mail program would."""

    def submit(lab: Lab, content: bytes = LETTER, to: tuple[str, ...] = (GOTO,), sender: str = YAMADA) -> None:
        with lab.host("yamada-pc").smtp("mail.example.com", 587) as smtp:
            smtp.starttls(context=lab.tls_context())
            smtp.login("yamada", lab.password(YAMADA))
            smtp.sendmail(sender, list(to), content)

    return submit
