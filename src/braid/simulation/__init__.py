"""A network of waiting lists, and what would happen to every list at once: knows nothing of partners or pages."""
