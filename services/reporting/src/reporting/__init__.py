"""Answers the analysts: sales, refunds, revenue."""
