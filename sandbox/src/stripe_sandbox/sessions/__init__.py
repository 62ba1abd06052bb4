"""Rules of Checkout Sessions: creation, totals, payment, completion."""
