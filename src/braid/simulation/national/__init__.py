"""England at its published figures: a network to begin with where a place has none of its own yet, and its test."""
