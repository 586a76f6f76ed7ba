"""Requests of the people in the data: what is held about somebody, decided line by line, let go by a second human."""
