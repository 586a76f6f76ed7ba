"""Braid joins up people, place and care."""

__version__ = "0.1.0"
