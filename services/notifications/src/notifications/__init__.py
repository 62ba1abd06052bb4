"""Sends mails to customers."""
