"""The words of mail as data: addresses, envelopes, replies, mailboxes. No input, no output, standard library only."""
