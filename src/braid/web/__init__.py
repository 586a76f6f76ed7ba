"""The web app: a small published set in PostgreSQL, and pages that show it to those who may see it."""
