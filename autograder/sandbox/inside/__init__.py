"""What runs in the sandbox. Standard library, numpy, IPython and the course's helpers only; nothing of the autograder.

supervisor   imports the heavy libraries once, and forks every other process from itself
rehearsal    what is loaded and done once, before there is any notebook
enclosure    namespaces, folders and limits of their own for what it forks
init         the first process of a start: ends what is to be ended, says who has ended
notebook     runs the cells from top to bottom, and keeps a process (or a state) for each hidden test
answering    calls the student's functions when they are asked, and hands out what they return
asking       the trusted side: runs the hidden questions, in an enclosure that no student's code ever shares
theirs       what stands there for a function in the student's process
values       what travels between the two
states       what a later moment needs in order to go back
shell        an IPython shell without a kernel; streams: what it shows on its way out
"""
