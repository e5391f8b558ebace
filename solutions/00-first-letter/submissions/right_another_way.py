"""By an unmodified smtplib inside `with pc:`, command by command; the trace is read line by line, as a generator.

points: 5 + 3
findings: none
"""


def deliver(pc, server, user, password, tls, letter):
    import smtplib
    from email.policy import SMTP

    with pc:
        smtp = smtplib.SMTP(server, 587)
        smtp.ehlo()
        smtp.starttls(context=tls)
        smtp.login(user, password)
        smtp.mail(user)
        smtp.rcpt(letter["To"])
        smtp.data(letter.as_bytes(policy=SMTP))
        smtp.quit()


def added_by(raw):
    import re

    top = raw.decode().split("\r\nFrom:")[0]
    servers = re.findall(r"^\s+by (\S+)", top, re.MULTILINE)
    yield "return-path", servers[0]
    for server in servers:
        yield "received", server
