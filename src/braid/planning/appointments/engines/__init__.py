"""What searches for appointments: only these files know a solver."""
