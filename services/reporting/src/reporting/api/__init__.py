"""HTTP: translate, delegate, answer."""
