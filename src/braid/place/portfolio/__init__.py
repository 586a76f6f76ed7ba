"""Interventions that the bodies of a place may buy jointly, and what separate purses cost them."""
