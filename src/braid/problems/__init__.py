"""Problem statements: the unit of joining up, written as data, with the three that ship."""
