"""The pages kit: one look and one set of macros for every server-rendered page. See docs/pages.md."""
