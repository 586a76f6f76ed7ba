"""Bodies and the ground they serve: publishing them with a run, reading them for pages, drawing them."""
