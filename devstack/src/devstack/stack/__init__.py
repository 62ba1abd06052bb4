"""The running stack: what belongs to it, how it is supervised, how it is spoken to."""
