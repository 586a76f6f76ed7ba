"""Outcomes: what a place wants to change for people, how it is measured, where it stands and what may be said of it."""
