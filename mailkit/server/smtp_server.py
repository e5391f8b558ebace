"""The verbs of SMTP as a mail server at port 25, 587 or 465 obeys them.

Legality comes from the table in `smtp_states.py`, what is done with mail from the handler (`mta.py`).
Must not know: mailboxes, queues, policy, bytes.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from mailkit.mail.reply import Reply
from mailkit.server.smtp_auth import MECHANISMS, Unreadable
from mailkit.server.smtp_input import BareLineEnd, TooBig, TooLong
from mailkit.server.smtp_paths import read_path, refused_parameter
from mailkit.server.smtp_session import BARE_LINE_END, TOO_LONG, SMTPSession
from mailkit.server.smtp_states import COMMANDS

if TYPE_CHECKING:
    from mailkit.server.mta import MTA
    from mailkit.server.smtp_auth import Exchange

MOST_RECIPIENTS = 1000
"""Of one message; RFC 5321 §4.5.3.1.8 asks for a hundred at least."""

# Domain or address-literal (RFC 5321 §4.1.2). It goes into Received, so nothing that could forge one may pass.
_HELLO = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9])?|\[[A-Za-z0-9.:-]{1,60}\]")

GO_ON = Reply(354, "", "End data with <CR><LF>.<CR><LF>")
LOGGED_IN = Reply(235, "2.7.0", "Authentication successful")
BAD_LOGIN = Reply(535, "5.7.8", "Authentication credentials invalid")
UNREADABLE = Reply(501, "5.5.2", "that response is not what the mechanism asks for")
BARE_IN_CONTENT = Reply(554, "5.6.0", BARE_LINE_END.text)
STALLED = Reply(554, "5.6.0", f"{BARE_LINE_END.text}; closing, since the rest would be taken for commands")


class SMTPServer(SMTPSession):
    """One SMTP conversation."""

    event_handler: MTA

    def not_offered(self, verb: str) -> Reply | None:
        """RFC 4954 §4, RFC 3207 §4; EXPN would tell strangers who is here (RFC 5321 §7.3)."""
        if verb == "EXPN":
            return Reply(502, "5.5.1", "EXPN is not offered")
        if verb == "AUTH" and self.manner.role == "mx":
            return Reply(502, "5.5.1", "AUTH is not offered on this port")
        if verb == "STARTTLS" and self.is_tls:
            return Reply(503, "5.5.1", "TLS is on already")
        if verb == "STARTTLS" and self.manner.tls is None:
            return Reply(502, "5.5.1", "STARTTLS is not offered on this port")
        return None

    # -- hello: none of its replies carries an enhanced code, a refusal neither (RFC 2034 §4)

    async def smtp_HELO(self, hostname: str) -> None:
        if await self._greeted(hostname, extended=False):
            self.say(f"250 {self.hostname}")

    async def smtp_EHLO(self, hostname: str) -> None:
        if await self._greeted(hostname, extended=True):
            self.say(Reply(250, "", "\n".join([self.hostname, *self._extensions()])))

    async def _greeted(self, hostname: str, *, extended: bool) -> bool:
        """Take the caller's name, or answer 501 and leave all as it was (RFC 5321 §4.1.4)."""
        if not _HELLO.fullmatch(hostname):
            self.say(Reply(501, "", "say your domain name, or your address in square brackets"))
            return False
        assert self.session is not None
        self.envelope = self._create_envelope()
        self.session.extended_smtp, self.session.host_name = extended, hostname
        return True

    def _extensions(self) -> list[str]:
        """What may be used now; STARTTLS goes and AUTH comes when TLS is on (RFC 3207 §4.2, RFC 4954 §4)."""
        offered = [f"SIZE {self.manner.size_limit}", "8BITMIME", "SMTPUTF8", "PIPELINING", "ENHANCEDSTATUSCODES"]
        if self.manner.tls and not self.is_tls:
            offered.append("STARTTLS")
        if mechanisms := self.manner.mechanisms(is_tls=self.is_tls):
            offered.append("AUTH " + " ".join(mechanisms))
        return [*offered, "HELP"]

    async def smtp_STARTTLS(self, argument: str) -> None:
        """RFC 3207."""
        self.say(Reply(220, "2.0.0", "Ready to start TLS"))
        await self.begin_tls()

    # -- AUTH (RFC 4954)

    async def smtp_AUTH(self, argument: str) -> None:
        """Refuse what cannot be tried; then let the mechanism talk."""
        assert self.session is not None
        name, _, initial = argument.partition(" ")
        mechanism = MECHANISMS.get(name.upper())
        if self.is_logged_in:
            self.say(Reply(503, "5.5.1", "you have logged in already"))
        elif not self.session.extended_smtp:
            self.say(Reply(503, "5.5.1", "AUTH is an extension: say EHLO first"))
        elif not self.manner.mechanisms(is_tls=self.is_tls):
            self.say(Reply(538, "5.7.11", "Encryption required for requested authentication mechanism"))
        elif mechanism is None:
            self.say(Reply(504, "5.5.4", f"not known here; there are: {' '.join(MECHANISMS)}"))
        else:
            # "=" is an initial response of no octets (RFC 4954 §4).
            response = (b"" if initial == "=" else initial.encode()) if initial else None
            self.say(await self._authenticate_by(mechanism(response, self.manner.credentials)))

    async def _authenticate_by(self, exchange: Exchange) -> Reply:
        assert self.session is not None
        try:
            challenge = next(exchange)
            while True:
                response = await self._challenge(challenge)
                if response == b"*":
                    return Reply(501, "5.7.0", "Authentication cancelled")
                challenge = exchange.send(response)
        except StopIteration as end:
            if end.value is None:
                return BAD_LOGIN
            self.session.authenticated, self.session.auth_data = True, end.value
            return LOGGED_IN
        except Unreadable:
            return UNREADABLE
        except TooLong:
            return Reply(500, "5.5.6", "that response is too long")

    async def _challenge(self, challenge: bytes) -> bytes:
        self.say(b"334 " + base64.b64encode(challenge))
        await self.flush()
        return await self.input.line()

    # -- the message

    async def smtp_MAIL(self, argument: str) -> None:
        """RFC 5321 §4.1.1.2."""
        assert self.session is not None
        assert self.envelope is not None
        path = read_path(argument, "FROM:", utf8=False)
        if isinstance(path, Reply):
            self.say(path)
            return
        known = self._parameters() if self.session.extended_smtp else frozenset[str]()
        if refusal := refused_parameter(path.parameters, known, self.manner.size_limit):
            self.say(refusal)
            return
        self.envelope.smtp_utf8 = "SMTPUTF8" in path.parameters
        options = [f"{keyword}={value}" if value else keyword for keyword, value in path.parameters.items()]
        self.say(await self.event_handler.handle_MAIL(self, self.session, self.envelope, path.address, options))

    def _parameters(self) -> frozenset[str]:
        """Those of the extensions that are announced."""
        always = frozenset({"SIZE", "BODY", "SMTPUTF8"})
        return always | {"AUTH"} if self.manner.mechanisms(is_tls=self.is_tls) else always

    async def smtp_RCPT(self, argument: str) -> None:
        """RFC 5321 §4.1.1.3."""
        assert self.session is not None
        assert self.envelope is not None
        path = read_path(argument, "TO:", utf8=self.envelope.smtp_utf8)
        if isinstance(path, Reply):
            self.say(path)
        elif path.parameters:
            self.say(Reply(555, "5.5.4", "RCPT has no parameters here"))
        elif len(self.envelope.rcpt_tos) >= MOST_RECIPIENTS:
            self.say(Reply(452, "4.5.3", "too many recipients; send it to the rest in a second message"))
        else:
            self.say(await self.event_handler.handle_RCPT(self, self.session, self.envelope, path.address, []))

    async def smtp_DATA(self, argument: str) -> None:
        """RFC 5321 §4.1.1.4. Whatever becomes of the content, the envelope is done with."""
        assert self.session is not None
        self.say(GO_ON)
        await self.flush()
        draft, self.envelope, self.in_content = self.envelope, self._create_envelope(), True
        assert draft is not None
        try:
            draft.original_content = draft.content = await self.input.content(self.manner.size_limit)
        except TooBig:
            self.say(Reply(552, "5.3.4", f"more than {self.manner.size_limit} octets are not taken"))
        except TooLong:
            self.say(TOO_LONG)
        except BareLineEnd as error:
            self.say(BARE_IN_CONTENT if error.over else STALLED)
            if not error.over:
                self.hang_up()
        else:
            self.say(await self.event_handler.handle_DATA(self, self.session, draft))
        finally:
            self.in_content = False

    async def smtp_RSET(self, argument: str) -> None:
        self.envelope = self._create_envelope()
        self.say(Reply(250, "2.0.0", "OK"))

    # -- the rest

    async def smtp_VRFY(self, argument: str) -> None:
        """Neither confirm nor deny who has a mailbox here (RFC 5321 §3.5.3, §7.3)."""
        self.say(Reply(252, "2.5.0", "send it and see"))

    async def smtp_EXPN(self, argument: str) -> None:
        raise AssertionError("not_offered refuses it")

    async def smtp_HELP(self, argument: str) -> None:
        verb = argument.upper()
        offered = [name for name in COMMANDS if name.isalpha() and not self.not_offered(name)]
        if not verb:
            self.say(Reply(214, "2.0.0", "\n".join(["there are:", " ".join(offered), "HELP MAIL tells more"])))
        elif verb in offered:
            self.say(Reply(214, "2.0.0", COMMANDS[verb].syntax))
        else:
            self.say(Reply(504, "5.5.4", "no help for that"))

    async def smtp_NOOP(self, argument: str) -> None:
        self.say(Reply(250, "2.0.0", "OK"))

    async def smtp_QUIT(self, argument: str) -> None:
        self.say(Reply(221, "2.0.0", f"{self.hostname} closing connection"))
        self.hang_up()
