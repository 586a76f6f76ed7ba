"""The chain of a priority on pages: read anew from what is kept and published, and written nowhere."""
