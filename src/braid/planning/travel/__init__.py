"""How long the way is from where somebody lives to where they have to be, and what is only known roughly."""
