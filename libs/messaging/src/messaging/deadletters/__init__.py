"""Dead letters: messages that could not be handled, and how to read and requeue them."""
