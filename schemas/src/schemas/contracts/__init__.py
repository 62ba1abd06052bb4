"""From models to files: JSON Schema, AsyncAPI, and the check that a change breaks no consumer."""
