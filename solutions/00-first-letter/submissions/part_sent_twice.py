"""Hands the letter in twice "to be sure", and reads `from` where `by` was asked for.

points: 4 + 1
findings: LETTER_DUPLICATED HOPS_WRONG_SERVERS
"""


def deliver(pc, server, user, password, tls, letter):
    for _ in range(2):
        with pc.smtp(server, 587) as smtp:
            smtp.starttls(context=tls)
            smtp.login(user, password)
            smtp.send_message(letter)


def added_by(raw):
    import re

    callers = re.findall(r"^Received: from (\S+)", raw.decode(), re.MULTILINE)
    return [("Return-Path", callers[0]), *(("Received", caller) for caller in callers)]
