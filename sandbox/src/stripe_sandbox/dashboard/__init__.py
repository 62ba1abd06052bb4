"""What there is in the sandbox and what became of it, in a browser; and the controls as buttons."""
