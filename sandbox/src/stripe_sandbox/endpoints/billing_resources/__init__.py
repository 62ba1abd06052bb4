"""Catalog, discounts, subscriptions, invoices, portal."""
