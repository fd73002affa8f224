"""The ledger: a journal that takes every record at once, and the tables that a thread writes it to."""
