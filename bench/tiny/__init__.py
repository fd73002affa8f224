"""Making the three tiny models of the built-in world, and grading what they answer."""
