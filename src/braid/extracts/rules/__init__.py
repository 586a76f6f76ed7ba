"""Rules of the publishers' own returns, one a file: what a return should keep to, checked over a file's own tables."""
