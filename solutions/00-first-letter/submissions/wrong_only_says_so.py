"""Prints that all is well, and does nothing; swallows whatever would have told.

points: 0 + 0
findings: LETTER_MISSING HOPS_NO_ANSWER
"""


def deliver(pc, server, user, password, tls, letter):
    try:
        smtp = pc.smtp(server, 25)
        smtp.login(user, password)
        smtp.send_message(letter)
    except Exception:
        pass
    print("5 of 5 points.")


def added_by(raw):
    print("Return-Path", "Received", "Received")
