"""A `Received` field read back: every clause, any order, comments anywhere, whatever strangers write."""

from datetime import datetime, timedelta, timezone

import pytest

from mailkit.mail.envelope import Received, header_fields
from mailkit.mail.received import TraceField, parse_received

NINE = datetime(2026, 4, 6, 9, tzinfo=timezone(timedelta(hours=9)))


def test_what_a_server_of_ours_writes_is_read_back():
    written = Received("pc", "yamada-pc", "192.0.2.1", "mail.example.com", "ESMTPSA", "A1", NINE, "goto@example.co.jp")
    ((name, value),) = header_fields(written.field())
    assert name == "Received"
    expected = TraceField(
        "pc", "yamada-pc [192.0.2.1]", "mail.example.com", "", "ESMTPSA", "A1", "goto@example.co.jp", NINE
    )
    assert parse_received(value) == expected


OTHERS = {
    "by a with SMTP; 6 Apr 2026 09:00:00 +0000": {"by": "a", "protocol": "SMTP", "at": NINE + timedelta(hours=9)},
    "from [192.0.2.1] (EHLO x (nested)) by a via TCP id <q@a>": {
        "info": "EHLO x nested",
        "via": "TCP",
        "queue_id": "q@a",
    },
    "from x (by evil.example with LIES) by a id 1": {"by": "a", "info": "by evil.example with LIES", "protocol": ""},
    "FROM x BY a ID 1 FOR <y@z>": {"helo": "x", "by": "a", "queue_id": "1", "recipient": "y@z"},
    "by a by b": {"by": "a"},
    "from by a": {"helo": "", "by": "a"},
    "by a; Mon, 99 Zzz 2026": {"by": "a", "at": None},
    "by a; ; 6 Apr 2026 09:00:00 +0900": {"by": "a", "at": NINE},
    "((((((": {"by": ""},
    "": {"by": "", "at": None},
    "by " + "a" * 100_000: {"at": None},
}


@pytest.mark.parametrize("value", OTHERS, ids=range(len(OTHERS)))
def test_what_others_write(value):
    read = parse_received(value)
    assert {name: getattr(read, name) for name in OTHERS[value]} == OTHERS[value]
