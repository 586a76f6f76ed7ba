"""Linking tables of people that somebody brings, without a place: a mapping says what their columns hold."""
