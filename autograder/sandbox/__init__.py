"""Where strangers' code runs: the wall around it, the talk with what runs inside, and how much it may use.

The folder inside/ is copied into each sandbox and runs there; nothing else of the autograder is in reach.
"""
