"""Agendas of meetings: which case is discussed when, so that whom it needs is there and nobody sits through."""
