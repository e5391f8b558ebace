"""Delivers rightly; forgets that the last server wrote Return-Path as well.

points: 5 + 2
findings: HOPS_WRONG_FIELDS
"""


def deliver(pc, server, user, password, tls, letter):
    smtp = pc.smtp(server, 587)
    smtp.starttls(context=tls)
    smtp.login(user, password)
    smtp.send_message(letter)


def added_by(raw):
    import re

    return [("Received", server) for server in re.findall(r"^\s+by (\S+)", raw.decode(), re.MULTILINE)]
