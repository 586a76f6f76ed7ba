"""Outcomes on pages: what a run publishes of them, how they are read and drawn."""
