"""Money of the place: joint funds and what the law asks of each, their ledger, and what services cost whom."""
