"""Boards of a place: terms of reference, quorum, meetings, decisions, actions and risks. Rules alone, no framework."""
