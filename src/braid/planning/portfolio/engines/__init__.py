"""What chooses a portfolio: an integer program, and cuts where the risk of a bad year counts."""
