"""From a run to the problems of planning that its people pose."""
