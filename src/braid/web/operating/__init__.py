"""Running Braid for years: whether a start is safe, whether the server is well, what it counts and writes down."""
