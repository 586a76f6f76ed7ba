"""Who lives with whom: what of it is published, and for whom."""
