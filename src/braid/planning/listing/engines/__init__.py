"""The ways to make a list. Only these files search, and only these import solvers."""
