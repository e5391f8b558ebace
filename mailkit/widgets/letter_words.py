"""The sentences of envelope and letter: why a line belongs where it does, what an arrived copy shows, all in words.

Must not know: widgets, positions. Whatever came over the wire is harmless text before it gets here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mailkit.locale import _
from mailkit.widgets import flow_words as words
from mailkit.widgets.letter_lines import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailkit.widgets.letter import Copy, LetterModel
    from mailkit.widgets.letter_lines import LetterLine


class Reason(NamedTuple):
    """Why a line belongs where it does, and where that is written."""

    text: str
    rfc: str


def place_name(place: Place) -> str:
    """As on a button."""
    return {
        "envelope": _("Envelope"),
        "header": _("Header"),
        "body": _("Body"),
        "neither": _("Neither"),
    }[place]


def reason(line: LetterLine) -> Reason:
    """By what the line is, not by what it says."""
    if line.kind == "field":
        return _of_field(line.name)
    return {
        "mail": Reason(_("MAIL FROM is the return address on the envelope. Bounces go there."), "RFC 5321 §3.3"),
        "rcpt": Reason(_("RCPT TO says who gets the letter. No server looks anywhere else for that."), "RFC 5321 §3.3"),
        "data": Reason(_("A command: the envelope is complete, now comes the letter."), "RFC 5321 §4.1.1.4"),
        "command": Reason(_("A command to the server. It never reaches a reader."), "RFC 5321 §4.1"),
        "reply": Reason(_("The server answers the client. No reader ever sees it."), "RFC 5321 §4.2"),
        "go-ahead": Reason(
            _("The server says: go on. What follows up to a lone dot is the letter."), "RFC 5321 §4.1.1.4"
        ),
        "verdict": Reason(
            _("The server's word on the whole letter: from here on it answers for it, or not."), "RFC 5321 §6.1"
        ),
        "fold": Reason(_("It begins with a blank, so it goes on with the field above."), "RFC 5322 §2.2.3"),
        "border": Reason(
            _("The first empty line is the border: above it the header, below it the body."), "RFC 5322 §2.1"
        ),
        "text": Reason(_("It stands below the first empty line, so it is text for the reader."), "RFC 5322 §2.3"),
        "end": Reason(
            _("A lone dot tells the server that the letter ends. It is not part of it."), "RFC 5321 §4.1.1.4"
        ),
    }[line.kind]


def _of_field(name: str) -> Reason:
    addresses = {
        "from": Reason(
            _("From stands in the letter and is what the writer claims. Servers do not deliver by it."),
            "RFC 5322 §3.6.2",
        ),
        "to": Reason(_("To stands in the letter, for its reader. Servers do not deliver by it."), "RFC 5322 §3.6.3"),
        "cc": Reason(_("Cc stands in the letter, for its reader. Servers do not deliver by it."), "RFC 5322 §3.6.3"),
        "bcc": Reason(
            _("Bcc stands in the letter here, so every reader will see it. Servers leave it in."), "RFC 5322 §3.6.3"
        ),
    }
    return addresses.get(name.lower()) or Reason(
        _("A field: name, colon, value. It stands in the letter, above the first empty line."), "RFC 5322 §2.2"
    )


def verdict(model: LetterModel, line: LetterLine) -> str:
    """What the learner is told at once of his latest try at a line; "" when there was none."""
    place = model.placed.get(line.number)
    if place is None:
        return ""
    why = reason(line)
    if place == line.place:
        return f"{why.text} ({why.rfc})"
    return _("Not in “{place}”. {why} ({rfc})").format(place=place_name(place), why=why.text, rfc=why.rfc)


def progress(model: LetterModel) -> str:
    """How many lines lie right."""
    done, total = len(model.sorted_lines), len(model.cut.lines)
    if total and done == total:
        return _("All {total} lines lie where they belong.").format(total=total)
    return _("{done} of {total} lines lie where they belong.").format(done=done, total=total)


def around(model: LetterModel) -> list[str]:
    """What is left out of the conversation."""
    cut = model.cut
    sentences = (
        (cut.before, _("Before these lines: {count} lines of greeting, encryption and login.")),
        (cut.left_out, _("Left out: {count} more lines of the body.")),
        (cut.after, _("After these lines: {count} lines of farewell.")),
    )
    return [sentence.format(count=count) for count, sentence in sentences if count]


def heading(model: LetterModel) -> str:
    """Who hands in where."""
    counter = model.counter
    known = {"sender": counter.sender, "host": counter.host, "server": counter.server.hostname, "port": counter.port}
    return _("{sender} hands letters in from {host} at {server}, port {port}").format(**known)


# -- what arrived


def outcome(model: LetterModel) -> list[str]:
    """What the server said to each recipient and to the letter, and what is still amiss."""
    refused = [
        _("RCPT TO:<{path}> was refused: {reply}").format(path=words.harmless(path), reply=words.harmless(reply))
        for path, reply in model.recipients
        if reply
    ]
    last = [words.harmless(_("The server said: {reply}").format(reply=model.reply))] if model.reply else []
    return [*refused, *last, *([model.problem] if model.problem else [])]


def title(copy: Copy) -> str:
    """Which mailbox, which message."""
    if copy.bounce:
        return _("{address}, message {uid}: a notice of failure").format(address=copy.address, uid=copy.uid)
    return _("{address}, message {uid}").format(address=copy.address, uid=copy.uid)


def remarks(model: LetterModel, copy: Copy) -> list[str]:
    """What this copy proves."""
    if copy.gone:
        return [_("It was there and has been deleted.")]
    if copy.bounce:
        return [_("It went to MAIL FROM, the envelope's return address. Its own envelope has none: MAIL FROM:<>.")]
    return [*_of_the_address(model, copy), *_of_the_sender(model)]


def _of_the_address(model: LetterModel, copy: Copy) -> Iterator[str]:
    visible = copy.address.lower() in model.named("to", "cc")
    bcc = model.named("bcc")
    if bcc:
        yield _("Bcc can be read here: the servers left it in. Who wants it hidden writes it on the envelope alone.")
    if visible:
        return
    if copy.address.lower() not in bcc:
        yield _("Neither To nor Cc names this mailbox. RCPT TO did, and that alone counts: so works a blind copy.")


def _of_the_sender(model: LetterModel) -> Iterator[str]:
    path = model.letter.transaction.reverse_path.strip("<>").lower() if model.letter else ""
    if path not in model.named("from"):
        yield _("Return-Path is the envelope's MAIL FROM. From says something else, and nobody on the way minded.")


def not_reached(model: LetterModel) -> list[str]:
    """Mailboxes that the header names and the envelope does not."""
    asked = {path.lower() for path, _ in model.recipients}
    missed = dict.fromkeys(a for a in model.named("to", "cc", "bcc") if a not in asked)
    sentence = _("The header names {address}, the envelope does not: nothing went there.")
    return [sentence.format(address=words.harmless(address)) for address in missed]


def whose(origin: str) -> str:
    """Who put a field there."""
    return {"server": _("put there by a server"), "you": _("written by the sender")}[origin]


# -- the whole in words


def text(model: LetterModel) -> str:
    """Everything that the widget shows."""
    if model.letter is None:
        parts = [heading(model), *([model.problem] if model.problem else [])]
        return "\n".join([*parts, _("No letter has been handed in yet: send the first one.")])
    return "\n".join([heading(model), progress(model), *_sorting(model), *_arrivals(model)])


def _sorting(model: LetterModel) -> Iterator[str]:
    for line in model.cut.lines:
        place = model.placed.get(line.number)
        mark = "?" if place is None else "+" if model.is_right(line.number) else "-"
        put = f" [{place_name(place)}]" if place else ""
        yield f"  {mark} {line.number:2} {line.by}: {words.cut(line.text)}{put}".rstrip()
    yield from around(model)


def _arrivals(model: LetterModel) -> Iterator[str]:
    yield _("What arrived:")
    yield from (f"  {sentence}" for sentence in outcome(model))
    for copy in model.arrived:
        yield f"  {title(copy)}"
        yield from (f"    {name}: {value}  ({whose(origin)})" for name, value, origin in copy.fields)
        yield from (f"    * {remark}" for remark in remarks(model, copy))
    yield from (f"  * {sentence}" for sentence in not_reached(model))
