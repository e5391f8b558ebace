"""Sans-IO engines: bytes in, reply bytes out. They know mail, but no socket, thread or clock."""
