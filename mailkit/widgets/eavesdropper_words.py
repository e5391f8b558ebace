"""The sentences of the eavesdropper: the ways, what there is to learn, what TLS does and does not hide.

Must not know: how anything was heard or is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.trace.dialogue import visible
from mailkit.widgets.flow_words import harmless

if TYPE_CHECKING:
    from mailkit.lab.topology import Topology
    from mailkit.widgets.overheard import Item, State
    from mailkit.widgets.overhearing import Sight


def host(world: Topology, name: str) -> str:
    """A host's name for people."""
    return harmless(next((h.title or h.name for h in world.hosts if h.name == name), name))


def title(world: Topology, client: str, server: str) -> str:
    """Between whom he sits."""
    ends = {"client": host(world, client), "server": host(world, server)}
    return _("On the wire between {client} and {server}").format(**ends)


def way(key: str) -> str:
    """One way to send or to fetch."""
    return {
        "yours": _("In your lab"),
        "clear": _("No TLS"),
        "starttls": _("STARTTLS"),
        "stripped": _("STARTTLS stripped"),
        "implicit": _("Implicit TLS"),
    }[key]


def about(key: str) -> str:
    """What that way is."""
    return {
        "yours": _("A conversation of the lab that was given."),
        "clear": _("Everything is said as it is, as mail began."),
        "starttls": _("It begins readable; a command turns it into a tube (RFC 3207)."),
        "stripped": _("A man in the middle takes the offer of TLS out of the server's reply (RFC 3207 §6)."),
        "implicit": _("TLS before the first word, at a port of its own (RFC 8314 §3)."),
    }[key]


def protocol(key: str) -> str:
    """What the mail program does."""
    return {"SMTP": _("Send: SMTP"), "POP3": _("Fetch: POP3"), "IMAP4": _("Fetch: IMAP4")}[key]


def item(key: Item) -> str:
    """One thing to learn."""
    return {
        "ends": _("addresses and port"),
        "name": _("the server's name"),
        "sizes": _("how much, and when"),
        "user": _("who logs in"),
        "password": _("the password"),
        "envelope": _("the envelope"),
        "letter": _("the letter"),
    }[key]


def state(key: State) -> str:
    """Whether he has it."""
    return {"seen": _("read"), "hidden": _("hidden"), "unsaid": _("not said"), "none": _("none")}[key]


def honest() -> str:
    """What TLS does not do; with an encrypted ClientHello it could hide the name, but mail programs send none."""
    return _("TLS does not hide who calls whom, when and how much, nor, as mail programs use it, the server's name.")


def decoded(sight: Sight) -> str:
    """What Base64 says; it is no lock."""
    return f"{visible(sight.decoded)}  ({_('Base64 is spelling, not a lock')})"
