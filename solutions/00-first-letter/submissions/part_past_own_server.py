"""Goes past its own server straight to the addressee's, and takes the sender's first field for a server's.

points: 4 + 2
findings: OWN_SERVER_SKIPPED HOPS_WRONG_FIELDS
"""


def deliver(pc, server, user, password, tls, letter):
    domain = letter["To"].partition("@")[2]
    with pc.smtp("mail." + domain, 25) as smtp:
        smtp.send_message(letter)


def added_by(raw):
    import re

    servers = re.findall(r"^\s+by (\S+)", raw.decode(), re.MULTILINE)
    return [("Return-Path", servers[0]), *(("Received", s) for s in servers), ("From", servers[-1])]
