"""What a line means, in one sentence, and which RFC says so: tables by verb and by code.

Must not know: rows, hosts, what else was said. The code decides, never the text behind it (RFC 5321 §4.2).
Tables are functions, since a sentence is in the language of the moment it is asked for.
"""

from __future__ import annotations

from typing import NamedTuple

from mailkit.locale import _

Meanings = dict[str, tuple[str, str]]


class Meaning(NamedTuple):
    """A sentence and where it is written; both "" when nothing is known."""

    sentence: str
    rfc: str


NOTHING = Meaning("", "")


def smtp_commands() -> Meanings:
    """By verb; "." is the line that ends a message, "" an answer within AUTH."""
    return {
        "EHLO": (_("The client says its name and asks which extensions the server has."), "RFC 5321 §4.1.1.1"),
        "HELO": (_("The client says its name, in the old way: no extensions."), "RFC 5321 §4.1.1.1"),
        "MAIL": (_("The envelope begins: where a failure notice would go back to."), "RFC 5321 §4.1.1.2"),
        "RCPT": (_("One recipient on the envelope. This decides delivery, not the To field."), "RFC 5321 §4.1.1.3"),
        "DATA": (_("The envelope is ready; may the message follow?"), "RFC 5321 §4.1.1.4"),
        ".": (_("A dot alone on its line: the message is whole."), "RFC 5321 §4.1.1.4"),
        "RSET": (_("Forget this envelope and begin again."), "RFC 5321 §4.1.1.5"),
        "VRFY": (_("Does this mailbox exist? Most servers will not say."), "RFC 5321 §4.1.1.6"),
        "EXPN": (_("Who is on this mailing list? Most servers will not say."), "RFC 5321 §4.1.1.7"),
        "HELP": (_("The client asks for help."), "RFC 5321 §4.1.1.8"),
        "NOOP": (_("Do nothing, but answer."), "RFC 5321 §4.1.1.9"),
        "QUIT": (_("The client is done and says goodbye."), "RFC 5321 §4.1.1.10"),
        "STARTTLS": (_("Let us encrypt what follows."), "RFC 3207 §4"),
        "AUTH": (
            _("The client proves who it is. Base64 is a spelling, not a lock: only TLS hides it."),
            "RFC 4954 §4",
        ),
        "": (_("The client's answer within AUTH, in Base64."), "RFC 4954 §4"),
    }


def smtp_replies() -> Meanings:
    """By code; by its first digit where the code is not here."""
    return {
        "211": (_("Status, or help on the system."), "RFC 5321 §4.2.3"),
        "214": (_("Help."), "RFC 5321 §4.2.3"),
        "220": (_("The server is ready."), "RFC 5321 §4.2.3"),
        "221": (_("The server says goodbye and closes."), "RFC 5321 §4.1.1.10"),
        "235": (_("The server believes who the client is."), "RFC 4954 §6"),
        "250": (_("Done as asked."), "RFC 5321 §4.2.3"),
        "251": (_("Not here, but the server will pass it on."), "RFC 5321 §3.4"),
        "252": (_("The server will not say whether the mailbox exists, but would take the letter."), "RFC 5321 §3.5.3"),
        "334": (_("Go on with AUTH; what follows is the server's question in Base64."), "RFC 4954 §4"),
        "354": (_("Send the message now, and a dot alone on a line at its end."), "RFC 5321 §4.1.1.4"),
        "421": (_("The server must close now. Try again later."), "RFC 5321 §4.2.3"),
        "450": (_("The mailbox cannot be used now. Try again later."), "RFC 5321 §4.2.3"),
        "451": (_("Something went wrong on the server. Try again later."), "RFC 5321 §4.2.3"),
        "452": (_("The server has no room now. Try again later."), "RFC 5321 §4.2.3"),
        "454": (_("TLS or logging in is not possible now. Try again later."), "RFC 4954 §6"),
        "500": (_("The server does not know this command."), "RFC 5321 §4.2.3"),
        "501": (_("The command is known; what stands behind it is not right."), "RFC 5321 §4.2.3"),
        "502": (_("The server knows the command but does not have it."), "RFC 5321 §4.2.4"),
        "503": (_("Not this command now: something has to come before it."), "RFC 5321 §4.1.4"),
        "504": (_("The server does not have this parameter."), "RFC 5321 §4.2.3"),
        "530": (_("First log in, or first start TLS."), "RFC 4954 §6"),
        "534": (_("This way of logging in is too weak here."), "RFC 4954 §6"),
        "535": (_("Name or password is wrong."), "RFC 4954 §6"),
        "538": (_("This way of logging in needs TLS first."), "RFC 4954 §6"),
        "550": (_("Refused for good: no such mailbox, or not allowed."), "RFC 5321 §4.2.3"),
        "551": (_("That user is not here."), "RFC 5321 §3.4"),
        "552": (_("Too large, for good."), "RFC 5321 §4.2.3"),
        "553": (_("This address cannot be right."), "RFC 5321 §4.2.3"),
        "554": (_("Failed for good."), "RFC 5321 §4.2.3"),
        "555": (_("The server does not have a parameter of MAIL or RCPT."), "RFC 5321 §4.1.1.11"),
        "-": (_("One line of a reply of several: the last has a space behind its code."), "RFC 5321 §4.2.1"),
        "2": (_("Done as asked."), "RFC 5321 §4.2.1"),
        "3": (_("So far so good: go on."), "RFC 5321 §4.2.1"),
        "4": (_("Not now. The same command may pass later, so the sender tries again."), "RFC 5321 §4.2.1"),
        "5": (_("No, and no again if it is repeated unchanged."), "RFC 5321 §4.2.1"),
    }


def pop3_commands() -> Meanings:
    """By verb."""
    return {
        "USER": (_("The client says whose mailbox it wants."), "RFC 1939 §7"),
        "PASS": (_("The password, readable by anyone where there is no TLS."), "RFC 1939 §7"),
        "APOP": (_("A digest of the password and the greeting's time stamp."), "RFC 1939 §7"),
        "AUTH": (_("The client proves who it is. Base64 is a spelling, not a lock."), "RFC 5034 §4"),
        "CAPA": (_("Which extensions does the server have?"), "RFC 2449 §5"),
        "STLS": (_("Let us encrypt what follows."), "RFC 2595 §4"),
        "STAT": (_("How many messages, and how many octets in all?"), "RFC 1939 §5"),
        "LIST": (_("The size of each message."), "RFC 1939 §5"),
        "UIDL": (_("A name for each message that stays the same in the next session."), "RFC 1939 §7"),
        "RETR": (_("Fetch one whole message. It stays on the server."), "RFC 1939 §5"),
        "TOP": (_("Fetch the header and the first lines of one message."), "RFC 1939 §7"),
        "DELE": (_("Mark one message to be deleted. It goes at QUIT, not before."), "RFC 1939 §5"),
        "RSET": (_("Take back all marks of this session."), "RFC 1939 §5"),
        "NOOP": (_("Do nothing, but answer."), "RFC 1939 §5"),
        "QUIT": (_("The client is done; only now is deleted what was marked."), "RFC 1939 §6"),
    }


def pop3_replies() -> Meanings:
    """By status indicator; "." is the end of an answer of many lines."""
    return {
        "+OK": (_("Done as asked."), "RFC 1939 §3"),
        "-ERR": (_("No. POP3 does not say whether it would pass later."), "RFC 1939 §3"),
        "+": (_("Go on; what follows is the server's question in Base64."), "RFC 5034 §4"),
        ".": (_("A dot alone on its line: the answer is whole."), "RFC 1939 §3"),
        "": (_("One line of an answer of many lines."), "RFC 1939 §3"),
    }


def imap_commands() -> Meanings:
    """By the word behind the tag; "" is the rest of a command."""
    return {
        "CAPABILITY": (_("Which extensions does the server have?"), "RFC 9051 §6.1.1"),
        "NOOP": (_("Do nothing, but tell what is new."), "RFC 9051 §6.1.2"),
        "LOGOUT": (_("The client is done."), "RFC 9051 §6.1.3"),
        "STARTTLS": (_("Let us encrypt what follows."), "RFC 9051 §6.2.1"),
        "AUTHENTICATE": (_("The client proves who it is. Base64 is a spelling, not a lock."), "RFC 9051 §6.2.2"),
        "LOGIN": (_("Name and password, readable by anyone where there is no TLS."), "RFC 9051 §6.2.3"),
        "ENABLE": (_("The client can do with these extensions: use them."), "RFC 9051 §6.3.1"),
        "SELECT": (_("Open a mailbox to read and to change it."), "RFC 9051 §6.3.2"),
        "EXAMINE": (_("Open a mailbox only to read it."), "RFC 9051 §6.3.3"),
        "CREATE": (_("Make a mailbox."), "RFC 9051 §6.3.4"),
        "DELETE": (_("Remove a mailbox."), "RFC 9051 §6.3.5"),
        "RENAME": (_("Give a mailbox another name."), "RFC 9051 §6.3.6"),
        "SUBSCRIBE": (_("Put a mailbox on the list of those that are shown."), "RFC 9051 §6.3.7"),
        "UNSUBSCRIBE": (_("Take a mailbox off the list of those that are shown."), "RFC 9051 §6.3.8"),
        "LIST": (_("Which mailboxes are there?"), "RFC 9051 §6.3.9"),
        "LSUB": (_("Which mailboxes are on the list of those that are shown?"), "RFC 3501 §6.3.9"),
        "NAMESPACE": (_("Where do the user's mailboxes begin?"), "RFC 9051 §6.3.10"),
        "STATUS": (_("Counts of a mailbox, without opening it."), "RFC 9051 §6.3.11"),
        "APPEND": (_("Put a message into a mailbox, a copy of what was sent for example."), "RFC 9051 §6.3.12"),
        "IDLE": (_("Tell me by yourself when something happens."), "RFC 9051 §6.3.13"),
        "DONE": (_("Enough of IDLE."), "RFC 9051 §6.3.13"),
        "CHECK": (_("Put things in order."), "RFC 3501 §6.4.1"),
        "CLOSE": (_("Close the mailbox and remove what is marked as deleted."), "RFC 9051 §6.4.1"),
        "UNSELECT": (_("Close the mailbox and remove nothing."), "RFC 9051 §6.4.2"),
        "EXPUNGE": (_("Remove for good what is marked as deleted."), "RFC 9051 §6.4.3"),
        "SEARCH": (_("Which messages fit? The server looks, not the client."), "RFC 9051 §6.4.4"),
        "SORT": (_("Which messages fit, and in which order?"), "RFC 5256 §3"),
        "FETCH": (_("Fetch parts of messages. They stay on the server."), "RFC 9051 §6.4.5"),
        "STORE": (_("Change flags, for example: read."), "RFC 9051 §6.4.6"),
        "COPY": (_("Copy messages into another mailbox."), "RFC 9051 §6.4.7"),
        "MOVE": (_("Move messages into another mailbox."), "RFC 9051 §6.4.8"),
        "UID": (_("The same, but messages are named by UIDs, which do not change."), "RFC 9051 §6.4.9"),
        "ID": (_("Which program are you?"), "RFC 2971 §3"),
        "": (_("The rest of the command."), "RFC 9051 §2.2.1"),
    }


def imap_replies() -> Meanings:
    """By the state behind a tag, or by the word of an untagged response; "*" for any other of these."""
    return {
        "OK": (_("Done as asked."), "RFC 9051 §7.1.1"),
        "NO": (_("The command was right, but it failed."), "RFC 9051 §7.1.2"),
        "BAD": (_("The server does not understand the command, or not now."), "RFC 9051 §7.1.3"),
        "PREAUTH": (_("The client is logged in already."), "RFC 9051 §7.1.4"),
        "BYE": (_("The server is about to close."), "RFC 9051 §7.1.5"),
        "ENABLED": (_("These extensions are in use now."), "RFC 9051 §7.2.1"),
        "CAPABILITY": (_("What the server can do."), "RFC 9051 §7.2.2"),
        "LIST": (_("One mailbox and its properties."), "RFC 9051 §7.3.1"),
        "LSUB": (_("One mailbox on the list of those that are shown."), "RFC 3501 §7.2.3"),
        "NAMESPACE": (_("Where the user's mailboxes begin."), "RFC 9051 §7.3.2"),
        "STATUS": (_("Counts of a mailbox."), "RFC 9051 §7.3.3"),
        "SEARCH": (_("The messages that fit."), "RFC 3501 §7.2.5"),
        "ESEARCH": (_("The messages that fit."), "RFC 9051 §7.3.4"),
        "SORT": (_("The messages that fit, in order."), "RFC 5256 §4"),
        "FLAGS": (_("The flags that a message may have here."), "RFC 9051 §7.3.5"),
        "EXISTS": (_("So many messages are in the mailbox now."), "RFC 9051 §7.4.1"),
        "RECENT": (_("So many messages are new since the last session."), "RFC 3501 §7.3.2"),
        "EXPUNGE": (_("This message is gone; those behind it move up by one."), "RFC 9051 §7.5.1"),
        "FETCH": (_("Data of one message."), "RFC 9051 §7.5.2"),
        "+": (_("Go on: the server waits for the rest of the command."), "RFC 9051 §7.6"),
        "* OK": (_("The server tells something; no command ends with it."), "RFC 9051 §7.1.1"),
        "*": (_("Data that the server sends, asked for or not."), "RFC 9051 §2.2.2"),
        "": (_("The rest of what the server sends."), "RFC 9051 §2.2.2"),
    }


def others() -> Meanings:
    """By the kind of a row that is no line."""
    return {
        "SMTP message": (
            _("The message: header, an empty line, body. A dot at the start of a line was doubled."),
            "RFC 5321 §4.5.2",
        ),
        "POP3 message": (_("The message. A dot at the start of a line was doubled."), "RFC 1939 §3"),
        "IMAP4 message": (_("A literal: so many octets, as announced in braces before it."), "RFC 9051 §4.3"),
        "call": (_("A TCP connection is made: until then nobody can say a word."), "RFC 9293 §3.5"),
        "reject": (_("The firewall answered at once that it will not let this pass."), "RFC 2979 §3"),
        "drop": (_("Nothing came back, so the caller waited until it gave up."), "RFC 2979 §3"),
        "closed": (_("The host is there, but no program listens at this port: it says so at once."), "RFC 9293 §3.5.2"),
        "tls": (_("Both ends agree on keys. Whoever listens sees how much is said, not what."), "RFC 8446 §2"),
        "end": (_("The TCP connection is closed."), "RFC 9293 §3.6"),
        "fault": (_("A fault that somebody asked for."), ""),
        "dns": (_("Who takes mail for this domain, and at which address?"), "RFC 5321 §5.1"),
        "note": (_("What the server does with the letter after its reply: it is responsible now."), "RFC 5321 §6.1"),
    }


def of_command(protocol: str, line: str) -> Meaning:
    """A client's line, by its verb."""
    table = {"SMTP": smtp_commands, "POP3": pop3_commands, "IMAP4": imap_commands}.get(protocol)
    if table is None:
        return NOTHING
    words = line.upper().split()
    verb = words[1] if protocol == "IMAP4" and len(words) > 1 else words[0] if words else ""
    known = table()
    return Meaning(*(known.get(verb) or known.get("", NOTHING)))


def of_reply(protocol: str, line: str) -> Meaning:
    """A server's line, by its code."""
    code = code_of(protocol, line)
    if protocol == "SMTP":
        known = smtp_replies()
        if code and line[3:4] == "-":
            return Meaning(*known["-"])
        return Meaning(*(known.get(code) or known.get(code[:1], NOTHING)))
    if protocol == "POP3":
        return Meaning(*pop3_replies().get(code if line != "." else ".", NOTHING))
    if protocol == "IMAP4":
        known = imap_replies()
        words = line.split()
        # `* 3 EXISTS` has its word behind a number (RFC 9051 §7.4)
        word = words[2] if len(words) > 2 and words[1].isdigit() else code
        tag = words[0] if words else ""
        if line.startswith("* OK"):
            return Meaning(*known["* OK"])
        return Meaning(*(known.get(word.upper()) or known.get("*" if tag == "*" else "", NOTHING)))
    return NOTHING


def of_kind(kind: str, protocol: str) -> Meaning:
    """A row that is no line."""
    known = others()
    return Meaning(*(known.get(f"{protocol} {kind}") or known.get(kind, NOTHING)))


def code_of(protocol: str, line: str) -> str:
    """What decides in a server's line: `250`, `+OK`, the `NO` of `a1 NO sorry`; "" when nothing does."""
    words = line.split()
    if protocol == "SMTP":
        return line[:3] if line[:3].isdigit() and line[:3].isascii() else ""
    if protocol == "POP3":
        return words[0] if words and words[0] in ("+OK", "-ERR", "+") else ""
    if protocol == "IMAP4" and words:
        return "+" if words[0] == "+" else words[1].upper() if len(words) > 1 else ""
    return ""


def tone_of(protocol: str, line: str) -> str:
    """How a reply ended: "wait" for later, "no" for refused, "" for anything quiet."""
    code = code_of(protocol, line)
    if protocol == "SMTP":
        return {"4": "wait", "5": "no"}.get(code[:1], "")
    return "no" if (protocol, code) in {("POP3", "-ERR"), ("IMAP4", "NO"), ("IMAP4", "BAD")} else ""
