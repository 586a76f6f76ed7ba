"""Partner files to records of the common language: one connector per standard and collection year."""
