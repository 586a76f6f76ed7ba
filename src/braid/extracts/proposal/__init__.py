"""A mapping proposed for a file that nobody described yet: what its columns may hold, why, and how sure that is."""
