"""Who is whom: source records become persons, with ids that stay, and their households."""
