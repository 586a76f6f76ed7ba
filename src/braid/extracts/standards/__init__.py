"""One module a standard: how a partner file of it becomes records of the common language."""
