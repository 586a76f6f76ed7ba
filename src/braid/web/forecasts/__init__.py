"""A simulation in the paper of a decision: frozen as it was forecast, and held against what was published since."""
