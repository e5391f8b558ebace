"""Every benchmark, one after the other: `make bench`. Ratios of one run count; milliseconds depend on the machine.

`python -m benchmarks D E` runs those alone.
"""

import sys

from benchmarks import (
    first_message,
    listeners,
    mail_path,
    mailbox_paired,
    mailbox_speed,
    page_speed,
    smtp_paired,
    smtp_speed,
    world_growth,
)

ALL = {
    "A": ("Fresh process -> first message read back by POP3 (median of 9 processes each)", first_message.main),
    "B": ("Seven listeners up and down in a warm process (median of 50; memory and threads while up)", listeners.main),
    "C": ("SMTP on one connection, servers in processes of their own (best of 5)", smtp_paired.main),
    "D": ("Fetching from an inbox of 1,000 letters, ours next to Dovecot (best of 5)", mailbox_paired.main),
    "E": ("Inboxes of 1,000, 10,000 and 100,000 letters of 300 octets (best of 5)", mailbox_paired.growth),
    "F": ("POP3 and IMAP4 commands as the mailbox grows, without sockets", mailbox_speed.main),
    "G": ("SMTP next to stock aiosmtpd, doing the same work (medians of 5 rounds)", smtp_speed.main),
    "H": ("Four hops through the DMZ, next to the last of them alone (200 letters, median of 5)", mail_path.main),
    "I": ("The same way as the letters become more: time for each", mail_path.growth),
    "J": ("Worlds of 2 to 50 hosts: start, a letter, the matrix; queues of 10 to 10,000: a retry", world_growth.main),
    "K": ("Widgets on the page: 50 hosts, 10,000 lines, in Chromium (median of 5)", page_speed.main),
}

for letter in sys.argv[1:] or ALL:
    title, main = ALL[letter]
    print(f"{letter}. {title}", flush=True)
    main()
    print(flush=True)
