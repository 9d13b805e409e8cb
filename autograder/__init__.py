"""The autograder: questions, answer sheets, the answer key, mistakes, marking. The rooms, in the order of a submission's
walk through them, are listed in docs/design.md."""
