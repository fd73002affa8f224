"""The line of one request: decide, ask, verify, account, reply, close. Start with `line.py`."""
