"""Other systems behind small protocols."""
