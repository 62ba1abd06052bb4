"""The tables and all queries, by subject."""
