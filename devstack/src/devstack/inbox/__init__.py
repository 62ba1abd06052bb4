"""A mail catcher: takes every mail that the stack sends and shows it in a browser. Nothing is delivered."""
