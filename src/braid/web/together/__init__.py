"""What boards have in common: published from runs, and read for the common agenda."""
