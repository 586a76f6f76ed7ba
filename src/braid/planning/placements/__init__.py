"""Which household goes into which unit of temporary accommodation, and in which order the moves can be made."""
