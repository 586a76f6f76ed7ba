"""Findings to datasets for analysts: pseudonyms of their own, no location, nobody who is alone in what they hold."""
