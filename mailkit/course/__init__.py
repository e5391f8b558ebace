"""Maintainers' tools, each a command of its own; the rest of the kit must not know them."""
