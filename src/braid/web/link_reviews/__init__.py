"""The review of doubtful links: pairs of a run, answers of reviewers, and what they come to."""
