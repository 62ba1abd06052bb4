"""Reference pages that are generated from the code: metrics and alerts, settings (`make docs`)."""
