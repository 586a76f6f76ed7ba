"""Plans on pages: what is proposed for whom, shown to who decides on it, and what they decided."""
