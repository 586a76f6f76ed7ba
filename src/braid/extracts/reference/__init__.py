"""Reads publishers' files of the ground of a place: postcodes, outlines, deprivation, schools, courts, calendars."""
