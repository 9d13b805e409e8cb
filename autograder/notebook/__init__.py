"""Reading a student's file, rebuilding it on the instructor's notebook, and what the text of its cells says."""
