"""Boards, outcomes, money and commissions of a place: what is decided for everybody, and what came of it."""
