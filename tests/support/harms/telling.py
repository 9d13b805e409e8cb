"""Telling: a function that is asked wants what it was given to arrive on the page, by way of an exception.

`given` is the input in hexadecimal digits: 4.0 is 342e30. No page holds that, and each says what it may: the regular
expression of each harm stands for the whole page.
"""

from tests.support.harms import when_asked

HEX = "342e30"
GIVEN = "given = str(x).encode().hex()"
BOOK = "\n".join(f"# {word}" for word in ("BOOK = ['d' + format(n, '02x') for n in range(256)]", "d34 d2e d30"))


def tells(name, does, body, shown, before=""):
    """A `triple` that raises so. shown: what the page says of it (a regular expression)."""
    lines = "\n".join(f"    {line}" for line in f"{GIVEN}\n{body}".splitlines())
    return when_asked(f"tells-{name}", does, f"{before}\ndef triple(x):\n{lines}", rf"(?s)\A(?!.*{HEX}).*{shown}")


LEFT_OUT = r"ValueError \(in the cell triple, line \d+\)\. Its message is not shown"
HARMS = [
    tells("message", "says its input in the message", "raise ValueError(given)", LEFT_OUT),
    tells("words", "hides its input among Python's own words", "raise ValueError(f'not enough values to unpack (expected 2, got 1) {given}')", LEFT_OUT),
    tells("letters", "spells its input in single letters", "raise ValueError(' '.join(given))", rf"(?!.*3 4 2 e){LEFT_OUT}"),
    tells("names", "spells its input in names of its own text", "raise ValueError(' '.join('d' + given[n:n + 2] for n in range(0, len(given), 2)))", rf"(?!.*d34 d2e d30 ?\()(?!.*: d34){LEFT_OUT}", before=BOOK),
    tells("class", "names the class after its input", "raise type('X' + given, (ValueError,), {})()", "An error"),
    tells("class-and-literal", "names the class after its input and says a literal of its own", "raise type('X' + given, (ValueError,), {})('my own words')", "An error .{1,40}Its message"),
    tells("note", "adds a note with its input", "error = ValueError('my own words')\nerror.add_note(given)\nraise error", r"ValueError: my own words \(in the cell triple"),
    tells("cause", "has a cause that tells its input", "raise ValueError('my own words') from KeyError(given)", "ValueError: my own words"),
    tells("group", "raises a group that is called after its input", "raise ExceptionGroup(given, [ValueError(given)])", "ExceptionGroup .{1,40}Its message is not shown"),
    tells("syntax-error", "raises a syntax error in a file that is called after its input", "raise SyntaxError('invalid syntax', (given, 1, 1, given))", "SyntaxError .{1,40}Its message is not shown"),
    tells("key", "looks for its input in a dict", "{}[given]", "KeyError .{1,40}Its message is not shown"),
    tells("undefined", "asks for a name that is made of its input", "eval('x' + given)", "NameError: name '…' is not defined"),
    tells("attribute", "asks for an attribute that is made of its input", "getattr(x, 'a' + given)", "has no attribute '…'"),
    tells("number", "reads a text that is made of its input", "float('x' + given)", "could not convert string to float: …"),
    tells("index", "asks for an index that is made of its input", "import numpy as np\nnp.zeros(3)[int(given, 16) % 10**9 + 1000]", r"index … is out of bounds for axis 0 with size 3"),
    tells("function", "calls a function that is called after its input", "exec(f'def f{given}(a): pass\\nf{given}()')", r"…\(\) missing 1 required positional argument: 'a'"),
    tells("module", "imports a module that is called after its input", "__import__('m' + given)", "No module named '…'"),
    tells("file-name", "raises from a cell that is called after its input", "exec(compile('raise ValueError', 'cell ' + given, 'exec'))", "ValueError"),
    tells("far-line", "raises from a line whose number is its input", "exec(compile('\\n' * 5000 + 'raise ValueError', 'cell triple', 'exec'))", "(?!.*line 500)ValueError"),
    tells("question-twice", "hands out answers to a question that is called after its input", "from IPython.display import display\nfor _ in range(2):\n    display({'application/vnd.courselab.answer+json': {'version': 1, 'question': given, 'value': {'kind': 'none'}}}, raw=True)", "(?!.*answered twice)"),
    tells("type-of-answer", "answers with an object whose type is called after its input", "return type('X' + given, (), {})()", "something else"),
    tells("shape-of-answer", "answers with an array whose shape is its input", "import numpy as np\nreturn np.zeros((0, *given.encode()))", r"(?!.*51, 52, 50)array of 7 axes|has 7 axes"),
]  # fmt: skip
