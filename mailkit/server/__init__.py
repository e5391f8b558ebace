"""The agents: MSA, MTA and MDA, and the hosting of POP3 and IMAP engines. aiosmtpd enters here."""
