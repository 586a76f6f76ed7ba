"""The safety overlay as kept: entries, the changes two people agree on, their effects, and access in an emergency."""
