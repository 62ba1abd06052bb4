"""The mails: content, texts, rendering."""
