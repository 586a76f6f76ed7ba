"""Findings to datasets for analysts: pseudonyms of the purpose, no location, nobody who is alone in what they hold."""
