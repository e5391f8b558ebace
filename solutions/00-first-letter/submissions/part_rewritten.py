"""Delivers, but another text than the one it was given; lists the fields the wrong way round.

points: 4 + 1
findings: LETTER_CHANGED HOPS_WRONG_SERVERS
"""


def deliver(pc, server, user, password, tls, letter):
    letter.set_content(letter.get_content() + "\nSent from my notebook\n")
    with pc.smtp(server, 587) as smtp:
        smtp.starttls(context=tls)
        smtp.login(user, password)
        smtp.send_message(letter)


def added_by(raw):
    import re

    servers = re.findall(r"^\s+by (\S+)", raw.decode(), re.MULTILINE)[::-1]
    return [("Return-Path", servers[0]), *(("Received", server) for server in servers)]
