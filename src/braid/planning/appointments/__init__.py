"""Joint appointments: who of which service sees whom when, for all victims of an area together."""
