"""Every benchmark, one after the other: `make bench`. Ratios of one run count; milliseconds depend on the machine."""

from benchmarks import first_message, listeners, mailbox_speed

print("A. Fresh process -> first message read back by POP3 (median of 9 processes each)")
first_message.main()
print("\nB. Seven listeners up and down in a warm process (median of 50; memory and threads while up)")
listeners.main()
print("\nC. POP3 and IMAP4 commands as the mailbox grows (no sockets; ten times the messages, ten times the time)")
mailbox_speed.main()
