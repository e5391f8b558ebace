"""Judges: they look at what a learner's code did to a world, never at how it is written or what it prints."""
