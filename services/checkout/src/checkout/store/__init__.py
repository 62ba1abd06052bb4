"""Tables and every query of checkout, by subject. Nothing here decides; domain/ does."""
