"""Joint commissions: what bodies buy together, for whom, how each person served fares, and what is paid for it."""
