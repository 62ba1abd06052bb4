"""The HTTP API: checks requests, calls the store, builds responses."""
