"""Which joint interventions to buy, at what scale, out of whose purse."""
