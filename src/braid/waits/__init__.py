"""Persons to waits: whose clocks run, in which backlogs, who is involved, and what holds a wait up."""
