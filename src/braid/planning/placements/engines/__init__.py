"""What searches for placements: the only files here that know numpy and scipy."""
