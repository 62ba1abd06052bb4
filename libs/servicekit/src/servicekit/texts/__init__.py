"""Translated texts (gettext). English is in the code; other languages in `translations/<language>.po`."""
