"""The pipeline of one request: decide, ask, verify, account, reply, close. Start with `pipeline.py`."""
