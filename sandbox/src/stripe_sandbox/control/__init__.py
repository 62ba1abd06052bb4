"""Controls for tests and developers: time, webhooks, outages, generated history."""
