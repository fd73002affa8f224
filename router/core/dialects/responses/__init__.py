"""OpenAI's Responses: typed items in and typed events out, kept to the part that needs no state."""
