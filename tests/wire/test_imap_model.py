"""Two IMAP4 sessions at random on one mailbox, against a model of some lines (RFC 3501 §5.2, §7.4.1)."""

from __future__ import annotations

import re

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mailkit.mail.mailbox import Account, MailStore
from mailkit.wire.imap_server import IMAPServer

from .conftest import LETTER, NOON

FLAGS = st.sampled_from(["\\Seen", "\\Deleted", "kw"])
WHO = st.integers(0, 1)
ENDS = st.tuples(st.integers(0, 100), st.integers(0, 100))

_UNTAGGED = re.compile(rb"^\* (\d+) (EXISTS|EXPUNGE|FETCH)(?: \(.*?FLAGS \(([^)]*)\).*)?", re.MULTILINE)


class Client:
    """What a client makes of all that it is told: the flags of each message by number, None where it does not know."""

    def __init__(self, store: MailStore) -> None:
        self.engine = IMAPServer(store, hostname="mail.example.co.jp", now=lambda: NOON)
        self.flags: list[set[str] | None] = []
        self.is_idle = False
        self.engine.start()
        self.say("LOGIN goto secret")
        self.say("SELECT INBOX")

    def say(self, command: str) -> bytes:
        if self.is_idle:
            self.is_idle = False
            self.engine.receive(b"DONE\r\n")
        self.hear()
        self.engine.receive(f"t {command}\r\n".encode())
        return self.hear()

    def hear(self) -> bytes:
        said = self.engine.take_output()
        # A literal, of a few octets here, is made part of its line.
        for match in _UNTAGGED.finditer(re.sub(rb"\{\d+\}\r\n", b"", said)):
            at, kind, flags = int(match[1]), match[2], match[3]
            if kind == b"EXISTS":
                assert at >= len(self.flags), "EXISTS never shrinks a mailbox"
                self.flags += [None] * (at - len(self.flags))
            else:
                assert 1 <= at <= len(self.flags), "a number of no message that the client knows"
                if kind == b"EXPUNGE":
                    del self.flags[at - 1]
                elif flags is not None:
                    self.flags[at - 1] = set(flags.decode().split()) - {"\\Recent"}
        return said


class TwoSessions(RuleBasedStateMachine):
    """The model: UIDs in order, each with its flags."""

    def __init__(self) -> None:
        super().__init__()
        self.account = Account("goto@example.co.jp", "secret")
        self.model: dict[int, set[str]] = {}
        self.next_uid = 1
        for _ in range(3):
            self.deliver()
        store = MailStore([self.account])
        self.clients = [Client(store), Client(store)]

    def known(self, who: int, ends: tuple[int, int]) -> tuple[str, list[int]] | None:
        """A range of numbers as the client sees them, and the UIDs that it means; None when there is nothing."""
        client = self.clients[who]
        client.say("NOOP")
        if not self.model:
            return None
        low, high = sorted(end % len(self.model) + 1 for end in ends)
        return f"{high}:{low}", sorted(self.model)[low - 1 : high]

    @rule()
    def deliver(self) -> None:
        self.account.inbox.add(LETTER, NOON)
        self.model[self.next_uid] = set()
        self.next_uid += 1

    @rule(who=WHO, flag=FLAGS)
    def append(self, who: int, flag: str) -> None:
        self.clients[who].say(f"APPEND INBOX ({flag}) {{1+}}\r\nx")
        self.model[self.next_uid] = {flag}
        self.next_uid += 1

    @rule(who=WHO, ends=ENDS, sign=st.sampled_from(["", "+", "-"]), silent=st.booleans(), flag=FLAGS)
    def store(self, who: int, ends: tuple[int, int], sign: str, silent: bool, flag: str) -> None:
        if (known := self.known(who, ends)) is None:
            return
        said = self.clients[who].say(f"STORE {known[0]} {sign}FLAGS{'.SILENT' * silent} ({flag})")
        assert b" EXPUNGE\r" not in said
        for uid in known[1]:
            old = self.model[uid]
            self.model[uid] = {flag} if not sign else old | {flag} if sign == "+" else old - {flag}
            if silent:
                self.clients[who].flags[sorted(self.model).index(uid)] = set(self.model[uid])

    @rule(who=WHO)
    def numbers_stand_still(self, who: int) -> None:
        for command in ("FETCH 1:* FLAGS", "SEARCH ALL", "STORE 1:* +FLAGS.SILENT ()", "SORT (DATE) UTF-8 ALL"):
            assert b" EXPUNGE\r" not in self.clients[who].say(command)

    @rule(who=WHO, ends=ENDS)
    def read(self, who: int, ends: tuple[int, int]) -> None:
        if known := self.known(who, ends):
            self.clients[who].say(f"UID FETCH {','.join(map(str, known[1]))} BODY[]<0.5>")
            for uid in known[1]:
                self.model[uid] |= {"\\Seen"}

    @rule(who=WHO)
    def expunge(self, who: int) -> None:
        self.clients[who].say("EXPUNGE")
        self.model = {uid: flags for uid, flags in self.model.items() if "\\Deleted" not in flags}

    @rule(who=WHO, ends=ENDS, verb=st.sampled_from(["COPY", "MOVE"]))
    def copy(self, who: int, ends: tuple[int, int], verb: str) -> None:
        if (known := self.known(who, ends)) is None:
            return
        self.clients[who].say(f"{verb} {known[0]} INBOX")
        for uid in known[1]:
            self.model[self.next_uid] = set(self.model[uid])
            self.next_uid += 1
            if verb == "MOVE":
                del self.model[uid]

    @rule(who=WHO, flag=FLAGS)
    def search(self, who: int, flag: str) -> None:
        self.clients[who].say("NOOP")
        key = {"\\Seen": "SEEN", "\\Deleted": "DELETED", "kw": "KEYWORD kw"}[flag]
        found = [b"%d" % uid for uid in sorted(self.model) if flag in self.model[uid]]
        assert b" ".join([b"* SEARCH", *found]) + b"\r\n" in self.clients[who].say(f"UID SEARCH {key}")

    @rule(who=WHO)
    def idle(self, who: int) -> None:
        self.clients[who].say("IDLE")
        self.clients[who].is_idle = True

    @invariant()
    def the_idle_know_everything(self) -> None:
        for client in self.clients:
            client.hear()
            if client.is_idle:
                assert len(client.flags) == len(self.model)

    @rule(who=WHO)
    def all_agree(self, who: int) -> None:
        client = self.clients[who]
        client.say("NOOP")
        heard = [None if flags is None else set(flags) for flags in client.flags]
        said = client.say("FETCH 1:* (UID FLAGS)") if self.model else b""
        assert [int(uid) for uid in re.findall(rb"UID (\d+)", said)] == sorted(self.model)
        assert client.flags == [self.model[uid] for uid in sorted(self.model)]
        assert all(flags is None or flags == now for flags, now in zip(heard, client.flags, strict=True))
        assert [message.uid for message in self.account.inbox] == sorted(self.model)

    def teardown(self) -> None:
        for who in (0, 1):
            self.all_agree(who)


TwoSessions.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
test_two_sessions = TwoSessions.TestCase
