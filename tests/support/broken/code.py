"""Sound notebooks with code that a grader has to be patient with."""

from tests.support.broken.bank import PARTLY, cell, notebook, text, write

NO_MSE = {"test_mse": 0.0}


@notebook(marks=NO_MSE)
def syntax_error(content):
    """A syntax error in one solution: this function is lost, and no other."""
    write(content, "mse", "def mse(target, prediction)\n    return np.mean((prediction - target) ** 2)")


@notebook(marks=NO_MSE)
def indentation_error(content):
    """An indentation error in one solution."""
    write(content, "mse", "def mse(target, prediction):\nreturn np.mean((prediction - target) ** 2)")


@notebook(marks=NO_MSE)
def mixed_tabs(content):
    """Tabs and blanks mixed so that Python refuses."""
    write(content, "mse", "def mse(target, prediction):\n\tif True:\n        x = 1\n\treturn x")


@notebook()
def tabs_throughout(content):
    """Indented by tabs throughout, which is proper Python."""
    write(content, "mse", "def mse(target, prediction):\n\treturn float(np.mean((prediction - target) ** 2))")


@notebook(marks=NO_MSE)
def merge_marks_in_a_cell(content):
    """The marks of a merge conflict in one solution."""
    write(content, "mse", "<<<<<<< HEAD\n" + text(cell(content, "mse")) + "\n=======\n>>>>>>> theirs")


@notebook()
def line_ends_of_all_kinds(content):
    """CR LF, CR alone, and the separators U+2028 and form feed in comments and texts."""
    write(content, "mse", text(cell(content, "mse")).replace("\n", "\r\n"))
    write(content, "squared_errors", text(cell(content, "squared_errors")).replace("\n", "\r"))
    write(content, "mse_gradient", "# a\u2028b \x0c c\nTEXT = 'x\u2029y'\n" + text(cell(content, "mse_gradient")))


@notebook()
def control_characters_and_surrogates(content):
    """NUL, escape sequences and lone surrogates in comments, texts and the written answer."""
    write(content, "mse", "# \x00\x1b[2J\x07 \ud800\udfff\n" + text(cell(content, "mse")))
    write(content, "why_square", "Because \x00\x1b]0;title\x07 \ud83d of \u202e this \ufeff.")


@notebook()
def shell_and_line_magics(content):
    """Shell commands and line magics before honest code."""
    lines = "!echo hello\n%matplotlib inline\nfiles = !ls\n"
    write(content, "mse", lines + text(cell(content, "mse")))


@notebook(marks=NO_MSE)
def cell_magic_over_a_solution(content):
    """A solution that is handed to the shell by %%bash defines nothing."""
    write(content, "mse", "%%bash\n" + text(cell(content, "mse")))


@notebook()
def timed_solution(content):
    """A solution under %%time, which defines what it should."""
    write(content, "mse", "%%time\n" + text(cell(content, "mse")))


@notebook()
def pasted_with_prompts(content):
    """A solution pasted from a terminal, with its prompts."""
    lines = text(cell(content, "mse")).splitlines()
    write(content, "mse", "\n".join([">>> " + lines[0], *("... " + line for line in lines[1:])]))


@notebook()
def top_level_await(content):
    """Waits at the top level, as notebooks may."""
    write(content, "mse", "import asyncio\nawait asyncio.sleep(0)\n" + text(cell(content, "mse")))


@notebook(marks=NO_MSE)
def asks_for_input(content):
    """Asks the reader for input before the function is defined: nobody answers."""
    write(content, "mse", "name = input('Who are you? ')\n" + text(cell(content, "mse")))


@notebook("“mse”", status=PARTLY, marks=NO_MSE)
def ends_its_own_process(content):
    """Ends its process in the middle: what was answered before and after counts, the loss is said."""
    write(content, "mse", "import os\nos._exit(0)")


@notebook()
def names_of_other_scripts(content):
    """Names and texts from right to left, combined accents and emoji."""
    lines = "größe = 1\nπ = 3.14\nשלום = 'emoji 🎓'\n"
    write(content, "mse", lines + text(cell(content, "mse")))
