"""The dashboard: all objects and their history, with buttons for the controls."""
