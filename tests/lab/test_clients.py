"""Hosts as places to call from: clients that know the lab, clients that do not, and the real network beside it."""

from __future__ import annotations

import asyncio
import errno
import imaplib
import poplib
import smtplib
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest
from imap_tools import MailBoxStartTls

from mailkit.trace.transcript import Asked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mailkit.lab.lab import Lab

GOTO, YAMADA = "goto@example.co.jp", "yamada@example.com"
COMPANY_A, COMPANY_B = "mail.example.com", "mail.example.co.jp"
ORIGINALS = {
    (owner, name): getattr(owner, name)
    for owner, names in {
        socket: "create_connection getaddrinfo getfqdn gethostbyname gethostbyname_ex gethostbyaddr",
        socket.socket: "connect connect_ex sendto",
        asyncio.BaseEventLoop: "getaddrinfo",
    }.items()
    for name in names.split()
}


@pytest.fixture(autouse=True)
def everything_is_put_back() -> Iterator[None]:
    own = {name for name in ("connect", "connect_ex", "sendto") if name in vars(socket.socket)}
    yield
    assert {key: getattr(*key) for key in ORIGINALS} == ORIGINALS
    assert {name for name in ("connect", "connect_ex", "sendto") if name in vars(socket.socket)} == own == set()


@pytest.fixture
def nothing_leaves(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stand where the real network begins, and keep what comes by."""
    calls: list[str] = []

    def guard(owner: Any, name: str) -> Callable[..., Any]:
        def refuse(*args: Any, **options: Any) -> Any:
            if threading.current_thread().name == "mailkit-lab":  # one server calls the other, on loopback
                assert args[1][0] == "127.0.0.1"
                return ORIGINALS[owner, name](*args, **options)
            calls.append(f"{name}{args}")
            raise AssertionError(calls[-1])

        return refuse

    with monkeypatch.context() as patch:
        for owner, name in ORIGINALS:
            if name != "getfqdn":
                patch.setattr(owner, name, guard(owner, name), raising=False)
        yield calls  # type: ignore[misc]
    assert calls == []


# -- clients that know the lab


def test_a_host_shows_its_name_and_address(lab: Lab) -> None:
    assert repr(lab.host("yamada-pc")) == "<yamada-pc [192.168.1.10]>"


def test_the_clients_are_the_standard_librarys_own(lab: Lab) -> None:
    pc = lab.host("goto-pc")
    with pc.smtp(COMPANY_B, 25) as smtp, pc.imap(COMPANY_B) as imap:
        pop = pc.pop3(COMPANY_B)
        assert (isinstance(smtp, smtplib.SMTP), isinstance(pop, poplib.POP3), isinstance(imap, imaplib.IMAP4)) == (
            True,
            True,
            True,
        )
        pop.quit()


def test_a_client_that_connects_again_stays_in_the_lab(lab: Lab, nothing_leaves: list[str]) -> None:
    smtp = lab.host("goto-pc").smtp(COMPANY_B)
    smtp.quit()
    assert smtp.connect(COMPANY_B, 25)[0] == 220
    smtp.quit()
    assert len(lab.transcript.flows()) == 2


def test_by_hand_one_speaks_bytes(lab: Lab) -> None:
    with lab.host("goto-pc").connect(COMPANY_B, 110) as sock, sock.makefile("rb") as said:
        assert said.readline().startswith(b"+OK mail.example.co.jp")
        sock.sendall(b"QUIT\r\n")
        assert said.read().startswith(b"+OK")


def test_a_host_asks_dns_and_both_are_on_record(lab: Lab) -> None:
    pc = lab.host("yamada-pc")
    assert pc.lookup("example.co.jp", "MX") == ("10 mail.example.co.jp.",)
    assert pc.lookup("mail.example.co.jp") == ("198.51.100.25",)
    assert pc.lookup("mail.example.co.jp", "MX") == ()
    lab.change_records("$ORIGIN example.co.jp.\n@ MX 0 .\n")
    lab.advance(hours=1)
    assert pc.lookup("example.co.jp", "MX") == ("0 .",)
    asked = [(record.host, record.kind, record.answers) for record in lab.transcript.only(Asked)]
    assert asked == [
        ("yamada-pc", "MX", ("10 mail.example.co.jp",)),
        ("yamada-pc", "A", ("198.51.100.25",)),
        ("yamada-pc", "MX", ()),
        ("yamada-pc", "MX", ("0 .",)),
    ]


def test_imaplibs_tags_are_the_same_each_run(lab: Lab) -> None:
    for _ in range(2):
        with lab.host("goto-pc").imap(COMPANY_B) as imap:
            imap.noop()
    one, two = repr(lab.transcript).split("[2]")
    assert "C: T1 NOOP" in one
    assert "C: T1 NOOP" in two


@pytest.mark.parametrize("method", ["smtp", "pop3", "imap"])
def test_an_unknown_name_and_a_closed_port_are_sentences(lab: Lab, method: str) -> None:
    call = getattr(lab.host("yamada-pc"), method)
    with pytest.raises(socket.gaierror, match=r"yamada-pc looked for 'mial.example.com', but neither"):
        call("mial.example.com")
    with pytest.raises(ConnectionRefusedError, match=r"nobody listens .*listens on: 25, 143, 587"):
        call("mail.example.com", 2525)


# -- clients that do not


def test_unmodified_clients_call_from_the_host_of_the_block(lab: Lab, letter: bytes, nothing_leaves: list[str]) -> None:
    with lab.host("yamada-pc"), smtplib.SMTP(COMPANY_A, 587, timeout=5) as smtp:
        smtp.starttls(context=lab.tls_context())
        smtp.login("yamada", lab.password(YAMADA))
        smtp.sendmail(YAMADA, [GOTO], letter)
    lab.settle()
    with lab.host("goto-pc"):
        pop = poplib.POP3(COMPANY_B, timeout=5)
        pop.stls(context=lab.tls_context())
        pop.user("goto")
        pop.pass_(lab.password(GOTO))
        assert b"\r\n".join([*pop.retr(1)[1], b""]).endswith(letter)
        pop.quit()
        with imaplib.IMAP4(COMPANY_B) as imap:
            imap.starttls(ssl_context=lab.tls_context())
            imap.login("goto", lab.password(GOTO))
            assert imap.select("INBOX") == ("OK", [b"1"])
    callers = [(flow.client, flow.server, flow.port) for flow in lab.transcript.flows()]
    assert callers == [
        ("yamada-pc", COMPANY_A, 587),
        (COMPANY_A, COMPANY_B, 25),
        ("goto-pc", COMPANY_B, 110),
        ("goto-pc", COMPANY_B, 143),
    ]
    assert b"from [192.168.1.10] (yamada-pc [192.168.1.10])" in lab.mailbox(GOTO)[0].raw


def test_a_third_partys_client_reads_the_letter(lab: Lab, submit: Any, nothing_leaves: list[str]) -> None:
    submit(lab)
    lab.settle()
    with (
        lab.host("goto-mobile"),
        MailBoxStartTls(COMPANY_B, ssl_context=lab.tls_context()).login("goto", lab.password(GOTO)) as box,
    ):
        (message,) = list(box.fetch())
        assert (message.subject, message.from_, message.to) == ("The first letter", YAMADA, (GOTO,))
        assert message.text.startswith("後藤さん\r\n.a dot\r\n")
        box.flag([message.uid or ""], r"\Flagged", True)
        assert [found.uid for found in box.fetch("FLAGGED", mark_seen=False)] == [message.uid]
        box.delete([message.uid or ""])
    lab.settle()
    assert lab.mailbox(GOTO) == ()


def test_the_firewall_holds_for_them_too(lab: Lab, nothing_leaves: list[str]) -> None:
    with lab.host("goto-mobile"):
        with pytest.raises(TimeoutError, match=r"goto-mobile called mail.example.co.jp:110, but no answer came"):
            poplib.POP3(COMPANY_B)
        with pytest.raises(ConnectionRefusedError, match="nobody listens on that port; dns listens on: nothing"):
            socket.create_connection(("dns", 53))


def test_a_socket_made_by_hand_joins_over_tcp_and_says_why_not_in_memory(lab: Lab, carrier: str) -> None:
    with lab.host("goto-pc"), socket.socket() as sock:
        sock.settimeout(5)
        if carrier == "memory":
            with pytest.raises(OSError, match="operating system's socket cannot join the in-memory network"):
                sock.connect((COMPANY_B, 110))
        else:
            sock.connect((COMPANY_B, 110))
            assert sock.recv(100).startswith(b"+OK")


def test_connect_ex_returns_numbers(lab: Lab, carrier: str, nothing_leaves: list[str]) -> None:
    expected = {("dns", 53): errno.ECONNREFUSED, (COMPANY_B, 110): errno.ETIMEDOUT}
    if carrier == "tcp":
        expected[COMPANY_B, 143] = 0
    with lab.host("goto-mobile"):
        for address, number in expected.items():
            with socket.socket() as sock:
                assert sock.connect_ex(address) == number, address


@pytest.mark.parametrize("carrier", ["tcp"], indirect=True)
def test_an_asyncio_client_calls_from_the_host_as_well(lab: Lab, nothing_leaves: list[str]) -> None:
    async def greet(name: str) -> bytes:
        reader, writer = await asyncio.open_connection(name, 110)
        said = await reader.readline()
        writer.close()
        await writer.wait_closed()
        return said

    async def both() -> list[bytes]:
        with lab.host("goto-pc"):
            return [await greet(COMPANY_B), await greet("198.51.100.25")]

    assert [said[:3] for said in asyncio.run(both())] == [b"+OK", b"+OK"]

    async def lost() -> None:
        with lab.host("goto-pc"), pytest.raises(socket.gaierror, match=r"goto-pc looked for 'example.org'"):
            await asyncio.open_connection("example.org", 25)

    asyncio.run(lost())


# -- nothing can leave


OUTSIDE = ["example.org", "nobody.example.com", "8.8.8.8", "127.0.0.1", "localhost", "::1", "2001:db8::1", ""]


@pytest.mark.parametrize("name", OUTSIDE)
def test_an_address_outside_the_lab_is_a_sentence(lab: Lab, name: str, nothing_leaves: list[str]) -> None:
    sentence = f"goto-pc looked for {name!r}, but neither the lab's DNS nor its list of hosts has it; hosts: yamada-pc,"
    with lab.host("goto-pc"), socket.socket() as four, socket.socket(socket.AF_INET6) as six:
        for attempt in (
            lambda: socket.create_connection((name, 25), timeout=1),
            lambda: socket.getaddrinfo(name, 25),
            lambda: socket.gethostbyname(name),
            lambda: socket.gethostbyname_ex(name),
            lambda: socket.gethostbyaddr(name),
            lambda: four.connect((name, 25)),
            lambda: six.connect((name, 25, 0, 0)),
            lambda: four.connect_ex((name, 25)),
            lambda: lab.host("goto-pc").connect(name, 25),
        ):
            with pytest.raises(socket.gaierror) as caught:
                attempt()
            assert str(caught.value).startswith(sentence)


def test_datagrams_stay_at_home_too(lab: Lab, nothing_leaves: list[str]) -> None:
    with lab.host("goto-pc"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        with pytest.raises(OSError, match="the lab carries TCP alone; goto-pc cannot send datagrams"):
            sock.sendto(b"?", ("8.8.8.8", 53))
        with pytest.raises(socket.gaierror):
            sock.connect(("8.8.8.8", 53))


def test_names_of_the_lab_are_found_by_every_way_of_asking(lab: Lab, nothing_leaves: list[str]) -> None:
    with lab.host("goto-pc"):
        assert socket.gethostbyname(COMPANY_B) == "198.51.100.25"
        assert socket.gethostbyname_ex("dns")[2] == ["203.0.113.53"]
        assert socket.getaddrinfo(COMPANY_B, "smtp")[0][4] == ("198.51.100.25", 25)
        assert socket.getaddrinfo(COMPANY_B.encode(), None, type=socket.SOCK_STREAM)[0][4] == ("198.51.100.25", 0)
        assert socket.getfqdn() == "[10.0.0.21]"
        assert socket.getfqdn("somebody") == "somebody"


def test_inside_a_block_a_pair_of_unix_sockets_works_as_ever(lab: Lab) -> None:
    """Event loops are made of them."""
    with lab.host("goto-pc"):
        asyncio.run(asyncio.sleep(0))
        one, other = socket.socketpair()
        with one, other:
            one.send(b"x")
            assert other.recv(1) == b"x"


# -- blocks


def test_in_nested_blocks_the_innermost_counts(lab: Lab) -> None:
    pc, mobile = lab.host("goto-pc"), lab.host("goto-mobile")
    with pc:
        with mobile:
            smtplib.SMTP(COMPANY_B).quit()
            with pc:
                smtplib.SMTP(COMPANY_B).quit()
            smtplib.SMTP(COMPANY_B).quit()
        smtplib.SMTP(COMPANY_B).quit()
    assert [flow.client for flow in lab.transcript.flows()] == ["goto-mobile", "goto-pc", "goto-mobile", "goto-pc"]


def test_an_error_in_a_block_comes_out_and_all_is_put_back(lab: Lab) -> None:
    with pytest.raises(KeyError, match="mine"), lab.host("goto-pc"), lab.host("goto-mobile"):
        raise KeyError("mine")
    assert socket.create_connection is ORIGINALS[socket, "create_connection"]


def test_two_threads_may_stand_at_the_same_host(lab: Lab, carrier: str) -> None:
    pc = lab.host("goto-pc")
    turns = [threading.Event() for _ in range(3)]
    failures: list[BaseException] = []

    def other() -> None:
        try:
            assert turns[0].wait(5)
            with pc:
                turns[1].set()
                assert turns[2].wait(5)
                if carrier == "tcp":
                    smtplib.SMTP(COMPANY_B, timeout=5).quit()
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    thread = threading.Thread(target=other)
    thread.start()
    with pc:
        turns[0].set()
        assert turns[1].wait(5)
    turns[2].set()
    thread.join(5)
    assert failures == []


@pytest.fixture
def real_server() -> Iterator[tuple[str, int]]:
    """Something real on this machine that is no part of the lab."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    sock, _ = listener.accept()
                except OSError:
                    return
                with sock:
                    sock.sendall(b"real")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        address = listener.getsockname()
        yield address
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_meanwhile_another_thread_reaches_the_real_network(lab: Lab, real_server: tuple[str, int]) -> None:
    said: list[bytes] = []

    def outside() -> None:
        with socket.create_connection(("localhost", real_server[1]), timeout=5) as sock:
            said.append(sock.recv(10))
        with socket.socket() as sock:
            sock.connect(real_server)
            said.append(sock.recv(10))
        with socket.socket() as sock:
            assert sock.connect_ex(real_server) == 0
            said.append(sock.recv(10))

        async def by_asyncio() -> bytes:
            reader, writer = await asyncio.open_connection("localhost", real_server[1])
            data = await reader.read(10)
            writer.close()
            return data

        said.append(asyncio.run(by_asyncio()))

    with lab.host("goto-pc"):
        thread = threading.Thread(target=outside)
        thread.start()
        thread.join(10)
        with pytest.raises(socket.gaierror):
            socket.create_connection(real_server)
    assert said == [b"real"] * 4
    with socket.create_connection(real_server, timeout=5) as sock:
        assert sock.recv(10) == b"real"
    assert lab.transcript.flows() == []


def test_another_task_is_not_in_the_block_either(lab: Lab, real_server: tuple[str, int]) -> None:
    async def main() -> bytes:
        entered, left = asyncio.Event(), asyncio.Event()

        async def inside() -> None:
            with lab.host("goto-pc"):
                entered.set()
                await left.wait()

        async def outside() -> bytes:
            await entered.wait()
            reader, writer = await asyncio.open_connection("localhost", real_server[1])
            data = await reader.read(10)
            writer.close()
            left.set()
            return data

        _, said = await asyncio.gather(inside(), outside())
        return said

    assert asyncio.run(main()) == b"real"


def test_a_new_event_loop_in_the_block_gets_its_socket_pair(lab: Lab) -> None:
    with lab.host("yamada-pc"):
        near, far = socket.socketpair()
        with near, far:
            near.sendall(b"x")
            assert far.recv(1) == b"x"
        assert asyncio.run(asyncio.sleep(0, "ran")) == "ran"


def test_an_address_has_no_name_in_the_block(lab: Lab) -> None:
    with lab.host("yamada-pc"):
        assert socket.getnameinfo(("203.0.113.53", 53), 0) == ("203.0.113.53", "53")
