"""What reads a street network and finds the shortest ways in it."""
