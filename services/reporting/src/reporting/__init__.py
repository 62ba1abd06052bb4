"""Sales, refunds and revenue, for analysts."""
