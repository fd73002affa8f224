"""Kind `litellm`: every other provider, spoken to through litellm's own translation."""
