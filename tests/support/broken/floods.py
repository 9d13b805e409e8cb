"""Floods: a little text, again and again, in a file, in cells, and in what cells show. Each must be over at once."""

import copy
import json

from tests.support.broken.bank import FAILED, GRADED, cell, file, honest, honest_bytes, notebook, text, write


@file("marks of a merge conflict|ends in the middle|text of another kind")
def merge_marks_without_end():
    """The first two marks of a merge conflict, twelve hundred times, and never the third."""
    return b"<<<<<<< \n=======\n" * 1200


@file("ends in the middle|no proper JSON|text of another kind")
def merge_marks_of_every_line():
    """A megabyte of lines that each begin a conflict."""
    return b"{\n" + b"<<<<<<< HEAD\n" * 80_000


@file("marks of a merge conflict")
def merge_marks_with_windows_line_ends():
    """A conflict in a file with CR LF, after a hundred thousand beginnings of others."""
    return b"{\r\n" + b"<<<<<<< a\r\n" * 100_000 + b"=======\r\n" * 1000 + b">>>>>>> b\r\n"


@file("not in UTF-8", status=GRADED)
def latin_1_of_60_MB():
    """Sixty megabytes of output, none of it UTF-8."""
    shown = b'{"output_type": "stream", "name": "stdout", "text": "' + b"\xe9" * (60 * 1024**2) + b'"}'
    return honest_bytes().replace(b'"outputs": []', b'"outputs": [' + shown + b"]", 1)


@file("not in UTF-8", status=GRADED)
def every_second_byte_wrong():
    """An output in which every second byte is no UTF-8."""
    shown = b'{"output_type": "stream", "name": "stdout", "text": "' + b"a\xff" * (8 * 1024**2) + b'"}'
    return honest_bytes().replace(b'"outputs": []', b'"outputs": [' + shown + b"]", 1)


@file("UTF-16", status=GRADED)
def halves_of_utf_16():
    """UTF-16 with eight megabytes of halves of characters in an output."""
    content = honest()
    code = next(each for each in content["cells"] if each["cell_type"] == "code")
    code["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "\ud83d" * (4 * 1024**2)}]
    return json.dumps(content, ensure_ascii=False).encode("utf-16", "surrogatepass")


@file("cells; more than 1000 are not read")
def millions_of_tiny_cells():
    """Nine million cells that are numbers."""
    return b'{"cells": [' + b"1," * 9_000_000 + b"1]}"


@file(status=GRADED)
def millions_of_keys():
    """A sound notebook with a million keys in its metadata."""
    keys = ",".join(f'"{number}":1' for number in range(1_000_000))
    return b'{"x": {' + keys.encode() + b"}, " + honest_bytes().lstrip()[1:]


@file(status=GRADED)
def brackets_beside_brackets():
    """A sound notebook with a million small brackets in brackets in its metadata."""
    return b'{"x": [' + b"[[[[[]]]]]," * 400_000 + b"1], " + honest_bytes().lstrip()[1:]


@file("no proper JSON|ends in the middle")
def quotation_marks_alone():
    """A brace and a million quotation marks."""
    return b"{" + b'"' * 1_000_000


def _after(source):
    """A case in which this stands after one right solution, in a comment or where it is never read."""

    def change(content):
        write(content, "mse", text(cell(content, "mse")) + "\n" + source)

    return change


@notebook(marks={"test_mse": 0.0})
def quotation_marks_in_a_solution(content):
    """Four kilobytes of quotation marks, each after a backslash: no Python, and slow for who cuts it into tokens."""
    _after('\\"' * 2_000)(content)


@notebook()
def quotation_marks_in_comments(content):
    """The same in a comment, below which all is right."""
    _after("# " + "\\'" * 15_000)(content)


@notebook()
def blank_lines_in_a_solution(content):
    """Ten thousand lines of one tab each."""
    _after("\t\n" * 6_000)(content)


@notebook()
def unclosed_braces_in_a_text(content):
    """A text full of braces and brackets that look like fields to be filled."""
    _after(f"TEXT = '''{'{a[' * 5_000}'''")(content)


@notebook()
def one_giant_line(content):
    """A solution with one line of a million characters."""
    _after("TOTAL = 0  # " + "x" * 1_000_000)(content)


@notebook()
def twenty_thousand_statements(content):
    """An additional cell of twenty thousand statements."""
    extra = {"cell_type": "code", "source": "x = 1\n" * 20_000, "metadata": {}, "outputs": [], "execution_count": None}
    content["cells"].append(extra)


@notebook(marks={"test_mse": 0.0})
def nested_parentheses(content):
    """A hundred thousand parentheses in each other in a solution."""
    write(content, "mse", "(" * 100_000 + ")" * 100_000)


def _written(name, source, what):
    """A case with this text as the written answer."""

    def change(content):
        write(content, "why_square", source)

    change.__name__, change.__doc__ = name, what
    notebook()(change)


_written("answer_of_backticks", "`" * 40_001, "A written answer of backticks.")
_written(
    "answer_of_backtick_runs", " ".join("`" * n for n in range(1, 290)), "Runs of backticks, no two of one length."
)
_written("answer_of_dollars", "$" * 40_001, "A written answer of dollars.")
_written("answer_of_formulas", "$x$ " * 12_000, "Twelve thousand formulas.")
_written("answer_of_half_formulas", "\\[" * 20_000, "Beginnings of formulas.")
_written("answer_of_nested_formulas", "$" + "{" * 1_900 + "$ $" + "\\frac{" * 300 + "$", "Formulas in formulas.")
_written("answer_of_brackets", "[" * 40_000, "A written answer of brackets.")
_written("answer_of_links", "[a](" * 10_000, "Links without an end.")
_written("answer_of_stars", "*a **" * 8_000, "Emphasis without an end.")
_written("answer_of_quotes", "> " * 20_000, "Quotations in quotations.")
_written("answer_of_lists", "\n".join("  " * n + "- a" for n in range(300)), "Lists in lists.")
_written("answer_of_tables", "|a" * 10_000 + "|\n" + "|-" * 10_000 + "|\n", "A table of ten thousand columns.")
_written("answer_of_references", "[a]: b\n" * 7_000 + "[a]" * 100, "Seven thousand definitions of one link.")
_written("answer_of_ampersands", "&" * 49_000, "A written answer of ampersands.")
_written("answer_of_tags", "<b><i>" * 8_000, "Tags without an end.")
_written("answer_of_half_tags", "<a " * 16_000, "Beginnings of tags.")
_written("answer_of_half_comments", "<!--" * 12_000, "Beginnings of comments.")
_written("answer_of_escapes", "\x1b[" * 25_000 + "\x1b[1" * 8_000, "Beginnings of a terminal's codes.")


def _showing(name, statement, what):
    """A case with an additional cell that shows a flood."""

    def change(content):
        extra = {"cell_type": "code", "source": statement, "metadata": {}, "outputs": [], "execution_count": None}
        content["cells"].insert(1, extra)

    change.__name__, change.__doc__ = name, what
    notebook()(change)


_showing("shows_ampersands", "from IPython.display import HTML\nHTML('&' * 1_500_000)", "An output of ampersands.")
_showing("shows_tags", "from IPython.display import HTML\nHTML('<b><a href=\"&&\">' * 80_000)", "An output of tags.")
_showing("shows_escapes", "print('\\x1b[' * 200_000 + '\\x1b[1' * 100_000)", "An output of a terminal's codes.")
_showing("shows_formulas", "from IPython.display import Latex\nLatex('$$x' * 300_000)", "An output of formulas.")


@notebook("cell|were there|was there", status=GRADED)
def nine_hundred_copies_of_a_cell(content):
    """One solution nine hundred times under one label."""
    content["cells"] += [copy.deepcopy(cell(content, "mse")) for _ in range(900)]


@notebook("million characters; more than 2 are not read", status=FAILED)
def three_million_characters(content):
    """Three million blank lines in a written answer."""
    write(content, "why_square", "\n" * 3_000_000)
