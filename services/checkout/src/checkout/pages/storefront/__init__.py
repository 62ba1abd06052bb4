"""The storefront: server-rendered pages that sell a course without a line of JavaScript."""
