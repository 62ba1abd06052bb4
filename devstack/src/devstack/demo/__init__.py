"""`masterji demo`: one purchase through all services, each step observed and timed."""
