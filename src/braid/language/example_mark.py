"""The file by which an example is known for one: whoever writes it, and whoever reads the place, call it the same."""

EXAMPLE_MARK = "nobody_here_is_real.txt"
"""In the folder `truth/`. A place of real people may keep true pairs there, to measure linking by, and not this."""
