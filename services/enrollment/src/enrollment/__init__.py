"""Decides who has access to which course."""
