"""Board packs: made of what is published and decided, kept, compared with the last one, handed out."""
