"""A transcript written by hand, so that every case of the map is exact: no server, no socket, no clock."""

from collections.abc import Iterable

import pytest

from mailkit.lab.story import two_domains
from mailkit.lab.topology import Topology
from mailkit.net.clock import MORNING
from mailkit.trace.transcript import Asked, Closed, Dialled, Flow, Handled, Said, Secured, Transcript

A, B, YAMADA, GOTO, MOBILE = "mail.example.com", "mail.example.co.jp", "yamada-pc", "goto-pc", "goto-mobile"
LETTER = (
    b"From: Yamada <yamada@example.com>\r\nTo: goto@example.co.jp\r\nSubject: Friday's meeting\r\n\r\n"
    b"Shall we meet at ten?\r\n.\r\n..two dots\r\n"
)
FROM, TO = "yamada@example.com", "goto@example.co.jp"


class Recorder:
    """Stands where a Lab stands: it has a topology and a transcript. Each method writes what servers would."""

    def __init__(self, topology: Topology | None = None) -> None:
        self.topology = topology or two_domains()
        self.transcript = Transcript()
        self.at = MORNING.timestamp()
        self._numbers = iter(range(1, 1000))

    def call(self, client: str, server: str, port: int, verdict: str = "accept", rule: int | None = None) -> Flow:
        address = {host.name: host.address for host in self.topology.hosts}
        flow = Flow(next(self._numbers), client, address[client], server, address[server], port)
        self.transcript.append(Dialled(self.at, flow, verdict, rule))
        return flow

    def talk(self, flow: Flow, *lines: str | bytes) -> None:
        """`C: …` and `S: …` lines; `TLS` alone turns TLS on; bytes are the server's, as they are."""
        for line in lines:
            if line == "TLS":
                self.transcript.append(Secured(self.at, flow))
            elif isinstance(line, bytes):
                self._say(flow, "S", line)
            else:
                self._say(flow, line[0], line[3:].encode() + b"\r\n")

    def content(self, flow: Flow, raw: bytes) -> None:
        """The letter as a client sends it: dots stuffed, ended by a dot."""
        stuffed = (b"." if raw.startswith(b".") else b"") + raw.replace(b"\r\n.", b"\r\n..")
        self._say(flow, "C", stuffed + b".\r\n")

    def _say(self, flow: Flow, by: str, data: bytes) -> None:
        secured = any(record.flow == flow for record in self.transcript.only(Secured))
        self.transcript.append(Said(self.at, flow, by, data, secured))

    def close(self, flow: Flow) -> None:
        self.transcript.append(Closed(self.at, flow))

    def handled(
        self, host: str, queue_id: str, act: str, flow: Flow | None = None, detail: str = "", to: str = TO
    ) -> None:
        self.transcript.append(Handled(self.at, host, queue_id, act, FROM, to, flow, detail))

    def asked(self, name: str, kind: str = "MX", *answers: str, host: str = A) -> None:
        self.transcript.append(Asked(self.at, host, name, kind, answers))

    # -- whole steps

    def hand_in(self, queue_id: str = "A1", raw: bytes = LETTER, to: Iterable[str] = (TO,), server: str = A) -> Flow:
        flow = self.call(YAMADA, server, 587)
        self.talk(flow, "S: 220 hello", "C: EHLO pc", "S: 250-hello", "S: 250 STARTTLS", "C: STARTTLS", "S: 220 go")
        self.talk(flow, "TLS", "C: EHLO pc", "S: 250 hello", "C: AUTH PLAIN AAAA", "S: 235 welcome")
        self.talk(flow, f"C: MAIL FROM:<{FROM}> SIZE=9", "S: 250 ok")
        for path in to:
            self.talk(flow, f"C: RCPT TO:<{path}>", "S: 250 ok")
        self.talk(flow, "C: DATA", "S: 354 go ahead")
        self.content(flow, raw)
        for path in to:
            self.handled(server, queue_id, "queued", flow, f"250 queued as {queue_id}", path)
        self.talk(flow, f"S: 250 2.0.0 queued as {queue_id}", "C: QUIT", "S: 221 bye")
        self.close(flow)
        return flow

    def ask_and_call(self, verdict: str = "accept", rule: int | None = None) -> Flow:
        self.asked("example.co.jp", "MX", "10 mail.example.co.jp")
        self.asked("mail.example.co.jp", "A", "198.51.100.25")
        return self.call(A, B, 25, verdict, rule)

    def relay(self, source: str = "A1", queue_id: str = "B1", raw: bytes = LETTER, to: str = TO) -> Flow:
        """Over to B, which files it."""
        flow = self.ask_and_call()
        self.talk(flow, "S: 220 hello", "C: EHLO a", "S: 250 hello", f"C: MAIL FROM:<{FROM}>", "S: 250 ok")
        self.talk(flow, f"C: RCPT TO:<{to}>", "S: 250 ok", "C: DATA", "S: 354 go ahead")
        self.content(flow, f"Received: by {A} id {source}\r\n".encode() + raw)
        self.handled(B, queue_id, "queued", flow, f"250 queued as {queue_id}", to)
        self.talk(flow, f"S: 250 2.0.0 queued as {queue_id}")
        self.handled(A, source, "relayed", flow, f"250 2.0.0 queued as {queue_id}", to)
        self.handled(B, queue_id, "filed", None, f"{to} INBOX 1", to)
        self.talk(flow, "C: QUIT", "S: 221 bye")
        return flow

    def refused_relay(self, reply: str, act: str) -> Flow:
        """B answers RCPT with `reply`, and A does `act`."""
        flow = self.ask_and_call()
        self.talk(flow, "S: 220 hello", "C: EHLO a", "S: 250 hello", f"C: MAIL FROM:<{FROM}>", "S: 250 ok")
        self.talk(flow, f"C: RCPT TO:<{TO}>", f"S: {reply}", "C: QUIT", "S: 221 bye")
        self.handled(A, "A1", act, flow, reply)
        return flow

    def stored(self, queue_id: str = "B1", raw: bytes = LETTER) -> bytes:
        """The letter as it rests in B's mailbox."""
        return f"Return-Path: <{FROM}>\r\nReceived: by {B} id {queue_id};\r\n".encode() + raw

    def fetch_pop3(self, message: bytes, host: str = GOTO) -> Flow:
        flow = self.call(host, B, 110)
        stuffed = message.replace(b"\r\n.", b"\r\n..") + b".\r\n"
        self.talk(flow, "S: +OK ready", "C: USER goto", "S: +OK", "C: PASS secret", "S: +OK", "C: RETR 1")
        self.talk(flow, b"+OK 300 octets\r\n" + stuffed[:50], stuffed[50:], "C: QUIT", "S: +OK bye")
        return flow

    def fetch_imap(self, literal: bytes, host: str = GOTO) -> Flow:
        flow = self.call(host, B, 143)
        self.talk(flow, "S: * OK ready", "C: a1 STARTTLS", "S: a1 OK go", "TLS", "C: a2 LOGIN goto secret")
        self.talk(flow, "S: a2 OK in", "C: a3 FETCH 1 (RFC822)")
        self.talk(flow, b"* 1 FETCH (RFC822 {%d}\r\n" % len(literal) + literal + b")\r\na3 OK fetched\r\n")
        return flow


@pytest.fixture
def run() -> Recorder:
    return Recorder()


@pytest.fixture
def whole_run(run: Recorder) -> Recorder:
    """Handed in, relayed, fetched by IMAP."""
    run.hand_in()
    run.relay()
    run.fetch_imap(run.stored())
    return run
