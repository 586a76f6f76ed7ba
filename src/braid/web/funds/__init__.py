"""Joint funds on pages: the ledger in the database, forms, and what is shown of it."""
