"""The append-only record: order, kinds, bytes, followers."""

from mailkit.trace.transcript import Asked, Closed, Dialled, Flow, Record, Said, Transcript

ONE = Flow(1, "pc", "192.168.1.10", "mail", "192.0.2.25", 25)
TWO = Flow(2, "pc", "192.168.1.10", "mail", "192.0.2.25", 143)
RECORDS = (
    Asked(1.0, "pc", "mail.example.com", "A", ("192.0.2.25",)),
    Dialled(1.0, ONE, "accept", None),
    Dialled(1.0, TWO, "drop", 3),
    Said(1.0, ONE, "S", b"220 hi\r\n", encrypted=False),
    Said(1.0, ONE, "C", b"QU", encrypted=False),
    Said(1.0, ONE, "C", b"IT\r\n", encrypted=False),
    Said(1.0, ONE, "S", b"221 bye\r\n", encrypted=False),
    Closed(1.0, ONE),
)


def full() -> Transcript:
    transcript = Transcript()
    for record in RECORDS:
        transcript.append(record)
    return transcript


def test_records_stand_in_the_order_in_which_they_were_made() -> None:
    assert tuple(full()) == RECORDS
    assert len(full()) == len(RECORDS)


def test_what_is_added_while_somebody_reads_is_for_the_next_reader() -> None:
    transcript = full()
    for _ in transcript:
        transcript.append(Closed(2.0, TWO))
    assert len(transcript) == 2 * len(RECORDS)


def test_one_kind_alone() -> None:
    assert full().only(Closed) == [Closed(1.0, ONE)]
    assert full().only(Record) == list(RECORDS)


def test_refused_calls_count_as_conversations() -> None:
    assert full().flows() == [ONE, TWO]


def test_what_was_said_by_one_side_or_by_both() -> None:
    assert full().said(ONE) == b"220 hi\r\nQUIT\r\n221 bye\r\n"
    assert full().said(ONE, "C") == b"QUIT\r\n"
    assert full().said(ONE, "S") == b"220 hi\r\n221 bye\r\n"
    assert full().said(TWO) == b""


def test_whoever_follows_is_told_of_each_new_record_until_it_has_enough() -> None:
    transcript, first, second = full(), list[Record](), list[Record]()
    leave = transcript.follow(first.append)
    transcript.follow(second.append)
    transcript.append(RECORDS[0])
    leave()
    leave()
    transcript.append(RECORDS[1])
    assert first == [RECORDS[0]]
    assert second == [RECORDS[0], RECORDS[1]]


def test_a_follower_may_leave_while_it_is_told() -> None:
    transcript, told = Transcript(), list[str]()
    leave = transcript.follow(lambda record: (told.append("once"), leave()))  # type: ignore[func-returns-value]
    transcript.follow(lambda record: told.append("other"))
    for record in RECORDS[:2]:
        transcript.append(record)
    assert told == ["once", "other", "other"]


def test_the_last_record_of_a_kind() -> None:
    transcript = Transcript()
    assert transcript.last(Dialled) is None
    flow = Flow(1, "a", "192.0.2.1", "b", "192.0.2.2", 25)
    transcript.append(Dialled(1.0, flow, "accept", None))
    transcript.append(Dialled(2.0, flow, "drop", 3))
    transcript.append(Closed(3.0, flow))
    assert transcript.last(Dialled) == Dialled(2.0, flow, "drop", 3)
