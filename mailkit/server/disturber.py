"""Which faults strike: it counts and draws for a whole lab, and writes down each one that came to pass.

Must not know: how bytes are held back or lost. A draw depends on the seed, the fault, the number of the conversation
and what went before in it, so that conversations beside each other do not change each other's luck.
"""

from __future__ import annotations

import fnmatch
import functools
import random
import re
from typing import TYPE_CHECKING, NamedTuple

from mailkit.locale import _
from mailkit.net.zones import ANY
from mailkit.trace.transcript import Disturbed

if TYPE_CHECKING:
    import asyncio
    import ssl
    from collections.abc import Callable, Iterable, Iterator

    from mailkit.net.clock import Clock
    from mailkit.server.faults import Answer, Break, Delay, Fault, HangUp, StripTLS, Trickle
    from mailkit.server.turns import Command
    from mailkit.server.verbs import Service
    from mailkit.trace.transcript import Disturbance, Flow, Transcript

_PATH = re.compile(r"TO:\s*<([^>]*)>", re.IGNORECASE)


class Plan(NamedTuple):
    """What happens to one command. Seconds are the loop's."""

    wait: float = 0.0
    end: Answer | HangUp | None = None
    """The server does not get it."""
    keep_reply: float = 0.0
    lose_reply: bool = False


UNDISTURBED = Plan()


class _Armed:
    """One fault, with its count and its luck."""

    def __init__(self, fault: Fault, seed: str) -> None:
        self.fault, self._seed, self._times = fault, seed, 0
        self._luck: dict[int, random.Random] = {}
        self._conversations: dict[int, bool] = {}

    def concerns(self, flow: Flow) -> bool:
        fault = self.fault
        return (
            fault.client in (ANY, flow.client)
            and fault.server in (ANY, flow.server)
            and fault.port in (None, flow.port)
        )

    def strikes(self, flow: Flow) -> bool:
        """Count one time more, and say whether it is one."""
        self._times += 1
        fault = self.fault
        if fault.first is not None:
            return self._times <= fault.first
        if fault.every is not None:
            return self._times % fault.every == 0
        if fault.probability is None:
            return True
        luck = self._luck.setdefault(flow.number, random.Random(f"{self._seed}:{flow.number}"))
        return luck.random() < fault.probability

    def strikes_conversation(self, flow: Flow) -> bool:
        """The same, but decided once for a whole conversation."""
        if flow.number not in self._conversations:
            self._conversations[flow.number] = self.strikes(flow)
        return self._conversations[flow.number]


class Disturber:
    """The faults of one lab. `certificate` makes what a man in the middle shows under a server's name."""

    def __init__(
        self,
        transcript: Transcript,
        clock: Clock,
        *,
        seed: int = 0,
        certificate: Callable[[str], ssl.SSLContext] | None = None,
    ) -> None:
        self._transcript, self._clock, self._seed, self._certificate = transcript, clock, seed, certificate
        self._armed: tuple[_Armed, ...] = ()
        self._count = 0

    @property
    def is_active(self) -> bool:
        """Whether anything may go wrong now."""
        return bool(self._armed)

    def disturb(self, faults: Iterable[Fault]) -> None:
        """Add faults to those that there are."""
        for fault in faults:
            self._armed = (*self._armed, _Armed(fault, f"{self._seed}:{self._count}"))
            self._count += 1

    def heal(self) -> None:
        """Take all faults away; a line that is rough already stays so until the conversation ends."""
        self._armed = ()

    def record(self, flow: Flow, kind: Disturbance, what: str, by: str = "", said: bytes = b"") -> None:
        """Write down that a fault came to pass."""
        self._transcript.append(Disturbed(self._clock.seconds(), flow, kind, what, by, said))

    def _concerning(self, flow: Flow, *kinds: type[Fault]) -> Iterator[_Armed]:
        return (armed for armed in self._armed if isinstance(armed.fault, kinds) and armed.concerns(flow))

    # -- at a command

    def at(self, flow: Flow, service: Service, command: Command, recipients: Iterable[str]) -> Plan:
        """What happens to this command; the first fault that keeps it from the server ends the search."""
        if not self._armed:
            return UNDISTURBED
        from mailkit.server.faults import Answer, Delay, HangUp

        plan = UNDISTURBED
        for armed in self._concerning(flow, Answer, Delay, HangUp):
            fault = armed.fault
            assert isinstance(fault, Answer | Delay | HangUp)
            if not _matches(fault, service, command, recipients) or not armed.strikes(flow):
                continue
            if isinstance(fault, Delay):
                wait, keep = (0.0, fault.seconds) if fault.acted else (fault.seconds, 0.0)
                plan = plan._replace(wait=plan.wait + wait, keep_reply=plan.keep_reply + keep)
            elif isinstance(fault, HangUp) and fault.acted:
                plan = plan._replace(lose_reply=True)
            else:
                return plan._replace(end=fault)
        return plan

    # -- for a whole conversation

    def line(self, flow: Flow, protocol: asyncio.Protocol) -> asyncio.Protocol:
        """What a carrier is given for a conversation that begins: `protocol`, behind a rough line if it has one."""
        if not self._armed:
            return protocol
        from mailkit.server.faults import Break, Trickle

        struck = [armed.fault for armed in self._concerning(flow, Break, Trickle) if armed.strikes_conversation(flow)]
        faults = [fault for fault in struck if isinstance(fault, Break | Trickle)]
        return self._behind(flow, protocol, faults) if faults else protocol

    def _behind(self, flow: Flow, protocol: asyncio.Protocol, faults: list[Break | Trickle]) -> asyncio.Protocol:
        from mailkit.net.rough_line import RoughLine, Roughness
        from mailkit.server.faults import Break

        ways = {"client": Roughness(), "server": Roughness()}
        for fault in faults:
            way = ways[fault.towards]
            if isinstance(fault, Break):
                ways[fault.towards] = way._replace(breaks_after=fault.after)
                continue
            ways[fault.towards] = way._replace(octets=fault.octets, seconds=fault.seconds)
            what = _("towards the {way} the line passes {octets} octets every {seconds:g} s")
            self.record(
                flow, "trickle", what.format(way=_way(fault.towards), octets=fault.octets, seconds=fault.seconds)
            )
        return RoughLine(protocol, ways["server"], ways["client"], functools.partial(self._broke, flow))

    def _broke(self, flow: Flow, towards: str, octets: int) -> None:
        what = _("the line breaks after {octets} octets towards the {way}")
        self.record(flow, "break", what.format(octets=octets, way=_way(towards)))

    def middle(self, flow: Flow) -> StripTLS | None:
        """Who takes STARTTLS out of a conversation, if somebody does."""
        if not self._armed:
            return None
        from mailkit.server.faults import StripTLS

        struck = (armed.fault for armed in self._concerning(flow, StripTLS) if armed.strikes_conversation(flow))
        return next((fault for fault in struck if isinstance(fault, StripTLS)), None)

    def false_certificate(self, flow: Flow, hostname: str) -> ssl.SSLContext | None:
        """What the caller is shown instead of the server's certificate, if somebody stands in the middle."""
        if not self._armed or self._certificate is None:
            return None
        from mailkit.server.faults import FalseCertificate

        for armed in self._concerning(flow, FalseCertificate):
            if armed.strikes_conversation(flow) and isinstance(armed.fault, FalseCertificate):
                by = armed.fault.by
                what = _("{by}, in the middle, shows a certificate of his own under the server's name")
                self.record(flow, "certificate", what.format(by=by), by)
                return self._certificate(hostname)
        return None


def _way(towards: str) -> str:
    return {"client": _("client"), "server": _("server")}[towards]


def _matches(fault: Answer | Delay | HangUp, service: Service, command: Command, recipients: Iterable[str]) -> bool:
    if service not in fault.services or fault.verb not in (command.verb, ANY):
        return False
    if fault.verb == ANY and command.verb == "CONNECT":
        return False
    if fault.recipient == ANY:
        return True
    paths = [path_of(command)] if command.verb == "RCPT" else recipients
    return any(fnmatch.fnmatchcase(path.lower(), fault.recipient.lower()) for path in paths)


def path_of(command: Command) -> str:
    """The forward-path of a RCPT."""
    found = _PATH.match(command.argument)
    return found[1] if found else ""
