"""Answers against the key: points, and the names of mistakes. Pure: nothing is run or written."""
