"""The vault: the locations of protected persons, encrypted, apart from every table that pages read."""
