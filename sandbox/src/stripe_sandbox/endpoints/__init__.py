"""The API's resources: one module each, with the parameters and operations of its paths."""
