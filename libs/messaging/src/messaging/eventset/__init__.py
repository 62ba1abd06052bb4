"""The set of events that a service stores, and the derivation of state from it."""
