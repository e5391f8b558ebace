"""A composed world: a topology, and the lab that runs it."""
