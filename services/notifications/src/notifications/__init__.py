"""Writes to customers and to operators."""
