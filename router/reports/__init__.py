"""Questions about the past, asked of the ledger's aggregates and answered with an interval beside every estimate."""
