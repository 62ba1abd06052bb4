"""The development issuer: signs tokens for demo users, and is the stack's sign-in page."""
