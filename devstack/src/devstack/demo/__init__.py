"""`masterji demo`: one purchase through the real path, each step observed and timed."""
