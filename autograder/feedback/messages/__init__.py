"""What may be told of an exception that a student's function raised while hidden inputs were in its hands.

Its class, its message and its place are all of the student's choosing, and all of them come to a page that the student
reads. So nothing is shown but what one of these describes whole:

    a template    Python's, numpy's or the course's own wording (wordings.py), with slots for shapes, counts, types and
                  the student's own names; a slot that holds anything else is shown as an ellipsis
    a literal     a string that stands in the student's code as it is
    a class       built in, numpy's, or named as a class in the student's code; without its message

Each is a code word: its length in bits is such that the numbers 2 ** -bits of everything that could be shown sum up to at
most 1 (Kraft's inequality). What would take more than BITS is told with fewer slots, or only by its class. So there are
never more than 2 ** BITS different texts for one question, whatever the student's code does.

    which of these                   1  template · 2  literal · 3  class, message left out · 4  class, no message
    which template                   log2 of their number: 9
    which literal, class, line       log2 of how many stand in the student's code, or are built in
    a number                         4 for 0 to 7 · 7 for 8 to 15 · 13 for 16 to 999 · 2 or more for one again
    a shape                          1 for two axes · 2 for one · 3, 4 for three, four · and its numbers
    an axis                          2.2
    a name, a type, a quoted text    0.2 + log2 of how many stand in the student's code, or in a fixed list
    an ellipsis in place of a slot   3 to 5

Two shapes of two small numbers each are 22 bits at most, the template 10, the line about 9: honest messages need 25 to 45.

The modules, from the ground up: own_text, slots, template, telling, hidden_test.
"""

from autograder.feedback.messages.hidden_test import tell_of_hidden_test
from autograder.feedback.messages.own_text import OwnText
from autograder.feedback.messages.telling import Told, tell

__all__ = ["OwnText", "Told", "tell", "tell_of_hidden_test"]
