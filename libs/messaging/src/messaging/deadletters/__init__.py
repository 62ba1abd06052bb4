"""Dead letters: messages that could not be handled, how they are read and requeued."""
