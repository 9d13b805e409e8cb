"""The student's page: safe to open, with nothing hidden in it."""
