"""HTTP: translate, delegate, answer. JSON under /v1, the storefront under /."""
