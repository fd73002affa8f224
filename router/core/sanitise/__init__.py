"""What must change in a conversation before another model can read it."""
