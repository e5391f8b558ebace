"""The machinery, with the smallest dialogue that uses it all."""

from __future__ import annotations

import pytest

from mailkit.wire.engine import Engine, LineTooLong


class Echo(Engine):
    """Says each line back; `take n` echoes n octets, `tls` starts TLS, `end` ends."""

    max_line = 16

    def __init__(self) -> None:
        super().__init__()
        self.closed = 0

    def close(self) -> None:
        self.closed += 1

    def converse(self):  # type: ignore[no-untyped-def]
        self.say_line(b"hello")
        while True:
            try:
                line = yield from self.read_line()
            except LineTooLong as error:
                self.say_line(b"too long: " + error.start)
                continue
            if line == b"end":
                return
            if line == b"tls":
                yield from self.start_tls()
                line = b"secure"
            if line.startswith(b"take "):
                line = yield from self.read_bytes(int(line[5:]))
            self.say_line(line)


def started(engine: Engine) -> Engine:
    engine.start()
    assert engine.take_output() == b"hello\r\n"
    return engine


def test_octet_by_octet() -> None:
    engine = started(Echo())
    for octet in b"one\r\ntwo\ntake 3\r\na\r\n":
        engine.receive(bytes([octet]))
    assert engine.take_output() == b"one\r\ntwo\r\na\r\n\r\n"


def test_what_came_before_tls_is_forgotten() -> None:
    engine = started(Echo())
    engine.receive(b"tls\r\nplanted\r\n")
    assert engine.wants_tls
    assert engine.take_output() == b""
    engine.tls_started()
    engine.receive(b"x\r\n")
    assert (engine.take_output(), engine.is_tls, engine.wants_tls) == (b"secure\r\nx\r\n", True, False)


@pytest.mark.parametrize("end", [b"end\r\n", b"", b"half a line", b"take 9\r\nxx", b"tls\r\n"])
def test_closed_once_however_it_ends(end: bytes) -> None:
    engine = Echo()
    started(engine)
    engine.receive(end)
    engine.receive_eof()
    engine.receive_eof()
    assert (engine.finished, engine.closed) == (True, 1)


@pytest.mark.parametrize("step", [1, 1000])
def test_long_line_is_thrown_away_with_its_end(step: int) -> None:
    engine = started(Echo())
    data = b"start" + b"x" * 100 + b"\r\nshort\r\n"
    for at in range(0, len(data), step):
        engine.receive(data[at : at + step])
    first, second, rest = engine.take_output().split(b"\r\n")
    assert first.startswith(b"too long: startx")
    assert (second, rest) == (b"short", b"")


def test_lines_that_came_before_the_end_are_still_answered() -> None:
    engine = started(Echo())
    engine.receive(b"one\r\ntwo")
    engine.receive_eof()
    assert engine.take_output() == b"one\r\n"


class Talker(Engine):
    """Answers each line with a thousand octets."""

    max_output = 2500

    def converse(self):  # type: ignore[no-untyped-def]
        while True:
            yield from self.read_line()
            self.say(b"x" * 1000)


def test_paced_dialogue_stands_still_until_its_words_are_taken() -> None:
    engine = Talker()
    engine.is_paced = True
    engine.start()
    engine.receive(b"\n" * 7)
    assert len(engine.take_output()) == 3000
    assert engine.take_output() == b""
    engine.resume()
    assert len(engine.take_output()) == 3000
    engine.resume()
    engine.resume()
    assert len(engine.take_output()) == 1000


def test_unpaced_dialogue_says_all_at_once() -> None:
    engine = Talker()
    engine.start()
    engine.receive(b"\n" * 7)
    assert len(engine.take_output()) == 7000
