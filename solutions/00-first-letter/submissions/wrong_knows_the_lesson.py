"""Written for the lesson's world alone: its own names, whatever it was given.

points: 0 + 0
findings: LETTER_MISSING HOPS_WRONG_FIELDS HOPS_WRONG_SERVERS
"""


def deliver(pc, server, user, password, tls, letter):
    with pc.smtp("mail.example.com", 587) as smtp:
        smtp.starttls(context=tls)
        smtp.login("yamada", password)
        smtp.send_message(letter)


def added_by(raw):
    return [("Received", "mail.example.com"), ("Received", "mail.example.co.jp")]
