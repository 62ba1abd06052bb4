"""Tables, and every query by subject."""
