"""All SQL queries."""
