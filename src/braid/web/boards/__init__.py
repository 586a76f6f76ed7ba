"""Boards on pages: read by whoever governs, prepared by the commissioner of each, signed off by whoever chairs it."""
