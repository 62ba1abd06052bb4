"""Payments, customers, refunds, disputes, balance."""
