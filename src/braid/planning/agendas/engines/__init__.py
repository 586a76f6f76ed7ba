"""What searches for agendas: only these files know a solver."""
