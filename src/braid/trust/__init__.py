"""Who may see what, as pure rules: roles, purposes, the decision and disclosure control. No files, no database."""
