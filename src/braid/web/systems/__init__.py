"""Machines of organisations: their tokens, how often they may ask, what they sent, and what they are told of."""
