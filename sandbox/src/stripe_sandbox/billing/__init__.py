"""Rules of subscriptions, invoices, prices and discounts."""
