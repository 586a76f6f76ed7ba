"""Court listing: which hearing of which case is heard when, before which judge and in which room."""
