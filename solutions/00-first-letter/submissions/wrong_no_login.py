"""Forgets to log in; answers with the names that the lesson showed.

points: 0 + 1
findings: LETTER_MISSING HOPS_WRONG_SERVERS
"""


def deliver(pc, server, user, password, tls, letter):
    with pc.smtp(server, 587) as smtp:
        smtp.send_message(letter)


def added_by(raw):
    return [
        ("Return-Path", "mail.example.co.jp"),
        ("Received", "mail.example.co.jp"),
        ("Received", "mail.example.com"),
    ]
