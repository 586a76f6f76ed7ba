"""The nightly delta: whom a night's changes touch, and what of the run before still holds of everybody else."""
