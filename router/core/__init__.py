"""What a request goes through, as data and pure functions; no framework, no I/O, no clock."""
