"""Portfolios on pages: what is published, asked, studied beside the server, chosen and shown."""
