"""Operators' commands: topics, group offsets, dead letters."""
