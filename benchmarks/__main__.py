"""Every benchmark, one after the other: `make bench`. Ratios of one run count; milliseconds depend on the machine."""

from benchmarks import first_message, listeners, smtp_speed

print("A. Fresh process -> first message read back by POP3 (median of 9 processes each)")
first_message.main()
print("\nB. Seven listeners up and down in a warm process (median of 50; memory and threads while up)")
listeners.main()
print("\nS. SMTP on one connection, against stock aiosmtpd (median of 5; microseconds a message)")
smtp_speed.main()
