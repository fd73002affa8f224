"""The ledger: a journal that takes every record at once, and the tables it becomes."""
