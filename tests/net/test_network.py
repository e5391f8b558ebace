"""Calls between hosts, on both carriers: who comes through, what the others are told, what is recorded."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.smtp import SMTP

from mailkit.net.clock import MORNING
from mailkit.net.network import NobodyThere, UnknownName
from mailkit.trace.transcript import Asked, Dialled

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.net.network import Network

    Serve = Callable[[str, int, Callable[[], asyncio.Protocol]], None]


OPEN_FILES = Path("/proc/self/fd")


def read_all(sock: socket.socket) -> bytes:
    said = b""
    while data := sock.recv(65536):
        said += data
    return said


def read_until(sock: socket.socket, end: bytes) -> bytes:
    said = b""
    while not said.endswith(end):
        data = sock.recv(65536)
        assert data, f"closed after {said!r}"
        said += data
    return said


class Greeter(asyncio.Protocol):
    """Greets, answers each line with its number, closes after QUIT."""

    def connection_made(self, transport: Any) -> None:
        self.transport, self.rest, self.count = transport, b"", 0
        transport.write(b"hello\r\n")

    def data_received(self, data: bytes) -> None:
        *lines, self.rest = (self.rest + data).split(b"\r\n")
        for line in lines:
            self.count += 1
            self.transport.write(b"%d %s\r\n" % (self.count, line))
            if line == b"QUIT":
                self.transport.close()


# -- names


@pytest.mark.parametrize(
    ("name", "host"),
    [("mail", "mail"), ("192.168.1.25", "mail"), ("relay.example.com", "relay"), ("RELAY.example.com", "relay")],
)
def test_a_host_is_found_by_its_name_its_address_or_its_name_in_dns(network: Network, name: str, host: str) -> None:
    assert network.resolve("pc", name).name == host


def test_a_question_to_dns_is_recorded_with_its_answer(network: Network) -> None:
    network.resolve("pc", "relay.example.com")
    network.resolve("pc", "192.0.2.25")
    assert network.transcript.only(Asked) == [
        Asked(MORNING.timestamp(), "pc", "relay.example.com", "A", ("192.0.2.25",))
    ]


def test_a_name_whose_address_no_host_has_is_told_as_that(network: Network) -> None:
    with pytest.raises(
        NobodyThere, match=r"looked for 198\.51\.100\.99 \(away\.example\.com\), but no host of this lab"
    ):
        network.dial("pc", "away.example.com", 25)
    assert network.transcript.only(Dialled) == []


@pytest.mark.parametrize(
    "name",
    ["nowhere", "nobody.example.com", "8.8.8.8", "127.0.0.1", "localhost", "::1", "a..b", ""],
)
def test_a_name_that_the_lab_does_not_know_is_an_error_that_lists_the_hosts(network: Network, name: str) -> None:
    with pytest.raises(UnknownName) as caught:
        network.dial("pc", name, 25)
    assert str(caught.value) == (
        f"pc looked for {name!r}, but neither the lab's DNS nor its list of hosts has it; "
        "hosts: pc, mail, relay, stranger."
    )
    assert isinstance(caught.value, socket.gaierror)
    assert network.transcript.only(Dialled) == []


def test_a_host_that_is_not_there_cannot_call(network: Network) -> None:
    with pytest.raises(UnknownName, match="no host 'pcc' in this lab; hosts: pc, mail, relay, stranger"):
        network.dial("pcc", "mail", 25)


# -- calls that fail


def refused_call(network: Network, source: str, name: str, port: int, error: type[OSError]) -> tuple[str, Dialled]:
    with pytest.raises(error) as caught:
        network.dial(source, name, port, timeout=5)
    (call,) = network.transcript.only(Dialled)
    return str(caught.value), call


def test_where_nobody_listens_the_call_is_refused_and_the_open_ports_are_named(
    network: Network, serve: Serve, echo: Any
) -> None:
    serve("mail", 143, echo)
    serve("mail", 25, echo)
    sentence, call = refused_call(network, "pc", "mail", 110, ConnectionRefusedError)
    assert sentence == "pc called mail:110, but nobody listens on that port; mail listens on: 25, 143."
    assert (call.verdict, call.rule) == ("closed", None)


def test_where_no_server_is_at_all_the_sentence_says_nothing_listens(network: Network) -> None:
    sentence, _ = refused_call(network, "mail", "pc", 25, ConnectionRefusedError)
    assert sentence == "mail called pc:25, but nobody listens on that port; pc listens on: nothing."


def test_a_call_that_a_rule_rejects_is_refused_by_that_rule(network: Network, serve: Serve, echo: Any) -> None:
    serve("mail", 25, echo)
    sentence, call = refused_call(network, "stranger", "mail", 25, ConnectionRefusedError)
    assert sentence == "stranger called mail:25, but was refused: firewall rule 3 rejects it."
    assert (call.verdict, call.rule) == ("reject", 3)


def test_a_call_that_the_default_drops_times_out_at_once(network: Network, serve: Serve, echo: Any) -> None:
    serve("mail", 143, echo)
    sentence, call = refused_call(network, "stranger", "mail", 143, TimeoutError)
    assert sentence == "stranger called mail:143, but no answer came: the firewall's default drops it."
    assert (call.verdict, call.rule) == ("drop", None)


@pytest.mark.parametrize(("timeout", "seconds"), [(5, 5), (0.5, 0.5), (None, 120)])
def test_who_gets_no_answer_has_waited_by_the_labs_clock_as_long_as_he_meant_to(
    network: Network, timeout: float | None, seconds: float
) -> None:
    with pytest.raises(TimeoutError):
        network.dial("stranger", "mail", 143, timeout=timeout)
    (call,) = network.transcript.only(Dialled)
    assert call.at == MORNING.timestamp()
    assert network.clock.now() == MORNING + timedelta(seconds=seconds)


def test_a_call_that_is_refused_takes_no_time(network: Network) -> None:
    with pytest.raises(ConnectionRefusedError):
        network.dial("stranger", "mail", 25, timeout=5)
    assert network.clock.now() == MORNING


def test_server_code_sleeps_on_the_labs_clock_until_it_gives_up(network: Network, echo: Any) -> None:
    async def call() -> str:
        task = asyncio.ensure_future(network.connect("stranger", "mail", 143, echo()))
        await network.clock.rest(task)
        assert network.clock.is_asleep(task)
        network.clock.move_to(MORNING + timedelta(seconds=29))
        await network.clock.rest(task)
        assert not task.done()
        network.clock.move_to(MORNING + timedelta(seconds=30))
        try:
            await task
        except TimeoutError as error:
            return str(error)
        return "came through"

    sentence = "stranger called mail:143, but no answer came: the firewall's default drops it."
    assert network.carrier.run(call(), 5) == sentence
    (record,) = network.transcript.only(Dialled)
    assert record.at == MORNING.timestamp()


def test_a_host_that_is_off_gives_no_answer_and_when_it_is_on_again_it_does(
    network: Network, serve: Serve, echo: Any
) -> None:
    serve("mail", 25, echo)
    network.switch("mail", on=False)
    sentence, call = refused_call(network, "pc", "mail", 25, TimeoutError)
    assert sentence == "pc called mail:25, but no answer came: mail is switched off."
    assert (call.verdict, call.rule) == ("off", None)
    network.switch("mail", on=True)
    with network.dial("pc", "mail", 25, timeout=5) as sock:
        sock.sendall(b"x")
        assert sock.recv(1) == b"x"


def test_the_firewall_decides_before_the_host_that_is_off(network: Network) -> None:
    network.switch("mail", on=False)
    refused_call(network, "stranger", "mail", 25, ConnectionRefusedError)


def test_from_a_host_that_is_off_nobody_can_call(network: Network, serve: Serve, echo: Any) -> None:
    serve("mail", 25, echo)
    network.switch("pc", on=False)
    with pytest.raises(OSError, match=r"pc is switched off and can call nobody; lab.switch_on\('pc'\) starts it again"):
        network.dial("pc", "mail", 25)
    assert network.transcript.only(Dialled) == []


def test_a_question_that_is_answered_from_memory_says_so(network: Network) -> None:
    network.resolve("pc", "relay.example.com")
    network.resolve("pc", "relay.example.com")
    network.resolve("mail", "relay.example.com")
    assert [(asked.host, asked.remembered) for asked in network.transcript.only(Asked)] == [
        ("pc", False),
        ("pc", True),
        ("mail", False),
    ]


def test_server_code_is_told_the_same(network: Network, echo: Any) -> None:
    with pytest.raises(ConnectionRefusedError, match="firewall rule 3 rejects it"):
        network.carrier.run(network.connect("stranger", "mail", 25, echo()))
    with pytest.raises(UnknownName, match="looked for 'nowhere'"):
        network.carrier.run(network.connect("pc", "nowhere", 25, echo()))


def test_a_port_is_given_once(network: Network, serve: Serve, echo: Any) -> None:
    serve("mail", 25, echo)
    serve("relay", 25, echo)
    with pytest.raises(OSError, match="port 25 of mail is taken already; give the second server another port"):
        serve("mail", 25, echo)


def test_after_the_end_nobody_listens(network: Network, serve: Serve, echo: Any) -> None:
    serve("mail", 25, echo)
    network.carrier.stop()
    network.carrier.stop()
    sentence, call = refused_call(network, "pc", "mail", 25, ConnectionRefusedError)
    assert sentence == "pc called mail:25, but nobody listens on that port; mail listens on: nothing."
    assert call.verdict == "closed"


# -- calls that come through: the same bytes on both carriers


def test_an_echo_gives_back_what_it_got(network: Network, serve: Serve, echo: Any) -> None:
    serve("relay", 25, echo)
    data = bytes(range(256)) * 1024
    with network.dial("pc", "relay.example.com", 25, timeout=5) as sock:
        sock.sendall(data)
        said = b""
        while len(said) < len(data) and (more := sock.recv(65536)):
            said += more
        assert said == data
        sock.shutdown(socket.SHUT_WR)
        assert sock.recv(1) == b""


def test_a_server_that_speaks_first_answers_and_hangs_up(network: Network, serve: Serve) -> None:
    serve("mail", 25, Greeter)
    with network.dial("pc", "mail", 25, timeout=5) as sock:
        assert read_until(sock, b"\r\n") == b"hello\r\n"
        for byte in b"NOOP\r\nQUIT\r\n":
            sock.sendall(bytes([byte]))
        assert read_all(sock) == b"1 NOOP\r\n2 QUIT\r\n"


def test_a_file_made_from_a_socket_reads_lines(network: Network, serve: Serve) -> None:
    serve("mail", 25, Greeter)
    with network.dial("pc", "mail", 25, timeout=5) as sock, sock.makefile("rb") as file:
        sock.sendall(b"a\r\nQUIT\r\n")
        assert list(file) == [b"hello\r\n", b"1 a\r\n", b"2 QUIT\r\n"]


def test_a_file_made_from_a_socket_writes_as_well(network: Network, serve: Serve) -> None:
    serve("mail", 25, Greeter)
    with network.dial("pc", "mail", 25, timeout=5) as sock:
        with sock.makefile("rwb") as file:
            file.write(b"a\r\n")
            file.flush()
            assert [file.readline(), file.readline()] == [b"hello\r\n", b"1 a\r\n"]
        with sock.makefile("w", newline="\r\n") as out, sock.makefile("r", encoding="ascii") as said:
            print("b", file=out, flush=True)
            assert said.readline() == "2 b\n"


def test_a_file_cannot_be_made_in_a_mode_that_there_is_not(network: Network, serve: Serve) -> None:
    serve("mail", 25, Greeter)
    with network.dial("pc", "mail", 25, timeout=5) as sock:
        for mode, buffering in (("a", None), ("r", 0)):
            with pytest.raises(ValueError, match=r"invalid mode|binary"):
                sock.makefile(mode, buffering)
        with sock.makefile("rb", 0) as raw:
            assert raw.read(7) == b"hello\r\n"


def test_aiosmtpd_sits_behind_it_unchanged(network: Network) -> None:
    got = []

    class Handler:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            got.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
            return "250 taken"

    loop = network.carrier.loop
    network.carrier.run(
        network.listen("mail", 25, lambda flow: SMTP(Handler(), hostname="mail", ident="ESMTP", loop=loop))
    )
    with network.dial("pc", "mail", 25, timeout=5) as sock:
        said = read_until(sock, b"\r\n")
        for command in ("HELO pc", "MAIL FROM:<a@b>", "RCPT TO:<c@d>", "DATA", "Subject: x\r\n\r\n..y\r\n.", "QUIT"):
            sock.sendall(command.encode() + b"\r\n")
            said += read_until(sock, b"\r\n")
        assert said == (
            b"220 mail ESMTP\r\n250 mail\r\n250 OK\r\n250 OK\r\n"
            b"354 End data with <CR><LF>.<CR><LF>\r\n250 taken\r\n221 Bye\r\n"
        )
        assert read_all(sock) == b""
    assert got == [("a@b", ["c@d"], b"Subject: x\r\n\r\n.y\r\n")]


def test_the_server_knows_who_calls(network: Network, echo: Any) -> None:
    callers = []

    def accept(flow: Any) -> asyncio.Protocol:
        callers.append((flow.client, flow.client_address, flow.server, flow.server_address, flow.port))
        return echo()  # type: ignore[no-any-return]

    network.carrier.run(network.listen("relay", 25, accept))
    for source in ("stranger", "pc"):
        with network.dial(source, "relay", 25, timeout=5) as sock:
            sock.sendall(b"x")
            assert sock.recv(1) == b"x"
    assert callers == [
        ("stranger", "203.0.113.9", "relay", "192.0.2.25", 25),
        ("pc", "192.168.1.10", "relay", "192.0.2.25", 25),
    ]


def test_a_server_calls_another(network: Network, serve: Serve) -> None:
    serve("relay", 25, Greeter)
    said = bytearray()

    class Caller(asyncio.Protocol):
        def __init__(self) -> None:
            self.over = asyncio.get_running_loop().create_future()

        def connection_made(self, transport: Any) -> None:
            transport.write(b"QUIT\r\n")

        def data_received(self, data: bytes) -> None:
            said.extend(data)

        def connection_lost(self, error: Exception | None) -> None:
            self.over.set_result(None)

    async def call() -> None:
        caller = Caller()
        flow = await network.connect("pc", "relay", 25, caller)
        assert (flow.client, flow.server) == ("pc", "relay")
        await caller.over

    network.carrier.run(call(), 5)
    assert said == b"hello\r\n1 QUIT\r\n"


def test_who_waits_too_long_for_bytes_gets_a_timeout(network: Network, serve: Serve, echo: Any) -> None:
    serve("mail", 25, echo)
    with network.dial("pc", "mail", 25, timeout=0.05) as sock, pytest.raises(TimeoutError):
        sock.recv(1)


def test_a_blocking_client_in_a_servers_own_code_is_told_what_to_write(
    network: Network, serve: Serve, echo: Any
) -> None:
    """It would wait for itself for ever."""
    serve("mail", 25, echo)
    sentences: list[str] = []

    class Careless(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            for blocking in (
                lambda: network.dial("relay", "relay", 25),
                lambda: network.dial("pc", "mail", 25),
                lambda: network.carrier.run(asyncio.sleep(0)),
            ):
                try:
                    blocking()
                except (RuntimeError, ConnectionRefusedError) as error:
                    sentences.append(str(error))
            transport.close()

    serve("relay", 25, Careless)
    with network.dial("pc", "relay", 25, timeout=5) as sock:
        assert sock.recv(1) == b""
    sentence = "a blocking mail client was called from a server's own code; use await network.connect(...) there."
    assert sentences == [sentence] * 3


def test_the_end_hangs_up_on_callers_and_servers_alike(network: Network, serve: Serve, echo: Any) -> None:
    serve("relay", 25, echo)
    lost = []

    class Caller(asyncio.Protocol):
        def connection_lost(self, error: Exception | None) -> None:
            lost.append(True)

    near = network.dial("pc", "relay", 25, timeout=5)
    near.sendall(b"x")
    assert near.recv(1) == b"x"
    network.carrier.run(network.connect("stranger", "relay", 25, Caller()))
    network.carrier.stop()
    with near, contextlib.suppress(ConnectionResetError):
        assert near.recv(1) == b""
    assert lost == [True]


# -- TCP alone


@pytest.mark.parametrize("network", ["tcp"], indirect=True)
class TestLoopback:
    def listeners(self) -> list[tuple[str, int]]:
        """Every listening TCP socket of this process, as the operating system has it."""
        found = []
        for number in OPEN_FILES.iterdir():
            if not number.is_socket():  # or gone: the listing itself was one of them
                continue
            with socket.socket(fileno=os.dup(int(number.name))) as sock:
                if sock.family != socket.AF_UNIX and sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    found.append(sock.getsockname()[:2])
        return found

    @pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="asks Linux for this process's sockets")
    def test_it_listens_on_this_machine_alone(self, network: Network, serve: Serve, echo: Any) -> None:
        before = self.listeners()
        serve("mail", 25, echo)
        serve("relay", 25, echo)
        own = [listener for listener in self.listeners() if listener not in before]
        assert [address for address, _ in own] == ["127.0.0.1", "127.0.0.1"]

    @pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="asks Linux for this process's sockets")
    def test_a_stranger_at_the_real_port_is_hung_up_on_and_leaves_no_record(
        self, network: Network, serve: Serve
    ) -> None:
        before = self.listeners()
        serve("mail", 25, Greeter)
        (real,) = [listener for listener in self.listeners() if listener not in before]
        with socket.create_connection(real, timeout=5) as sock, contextlib.suppress(ConnectionResetError):
            assert sock.recv(100) == b""
        assert len(network.transcript) == 0

    def test_a_callers_port_is_forgotten_when_his_call_was_taken(
        self, network: Network, serve: Serve, echo: Any
    ) -> None:
        """Else the next one to be given that port by the system would be taken for him."""
        serve("mail", 25, echo)
        with network.dial("pc", "mail", 25, timeout=5) as sock:
            sock.sendall(b"x")
            sock.recv(1)
            used = sock.getsockname()[1]
        assert used not in network.carrier._callers  # type: ignore[attr-defined]

    def test_a_call_on_its_way_when_the_power_fails_is_taken_by_nobody(
        self, network: Network, serve: Serve, echo: Any
    ) -> None:
        taken = []

        class Server(asyncio.Protocol):
            def __init__(self) -> None:
                taken.append(True)

        class Caller(asyncio.Protocol):
            def __init__(self) -> None:
                self.lost = asyncio.get_running_loop().create_future()

            def connection_lost(self, error: Exception | None) -> None:
                self.lost.set_result(None)

        async def call() -> None:
            caller = Caller()
            work = asyncio.ensure_future(network.connect("pc", "relay", 25, caller))
            await asyncio.sleep(0)
            network.switch("relay", on=False)
            await work
            await caller.lost

        serve("relay", 25, Server)
        network.carrier.run(call(), 5)
        assert network.transcript.only(Dialled)[0].verdict == "accept"
        assert taken == []

    def test_one_thread_serves_them_all_and_goes_away(self, network: Network, serve: Serve, echo: Any) -> None:
        for host in ("pc", "mail", "relay", "stranger"):
            serve(host, 25, echo)
        assert [thread.name for thread in threading.enumerate()].count("mailkit-lab") == 1
        network.carrier.stop()
        assert [thread.name for thread in threading.enumerate()].count("mailkit-lab") == 0


def test_a_call_that_is_given_up_unclosed_is_nobodys_trouble(network: Network, serve: Serve, echo: Any) -> None:
    """The garbage collector closes it, even in the middle of other work."""
    serve("mail", 25, echo)
    sock = network.dial("pc", "mail", 25, timeout=5)

    async def collect() -> None:
        sock.close()

    network.carrier.run(collect())
    assert sock.fileno() == -1 if network.carrier.has_real_clients else sock.closed  # type: ignore[attr-defined]
