"""Accounts that are kept by a list, or by an organisation itself: who joins, changes and leaves."""
