"""As the chapter does it.

points: 5 + 3
findings: none
"""


def deliver(pc, server, user, password, tls, letter):
    with pc.smtp(server, 587) as smtp:
        smtp.starttls(context=tls)
        smtp.login(user, password)
        smtp.send_message(letter)


def added_by(raw):
    from email import message_from_bytes
    from email.policy import default

    fields = message_from_bytes(raw, policy=default).items()
    words = [value.split() for name, value in fields if name == "Received"]
    servers = [word[word.index("by") + 1] for word in words]
    return [("Return-Path", servers[0])] + [("Received", server) for server in servers]
