"""Answers of upstreams that speak the client's own dialect, read as the chat they amount to."""
