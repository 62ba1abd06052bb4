"""A mail catcher: it receives all mail of the stack and shows it in a browser. It delivers nothing."""
