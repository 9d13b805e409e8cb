"""A course's settings and folders, and what was handed in."""
