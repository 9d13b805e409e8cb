"""Questions: how a hidden test asks a function for its answer.

A hidden test never says what is right. It calls your function and hands the answer out, as plain numbers:

    rng = draw("backward")
    ask("one example", backward, params, cache, target)

The answers are compared somewhere else, with the answers that the instructor's own notebook gave to the same questions.
An exception in one question is that question's answer; the next question is still asked.
"""

import base64
import copy
import hashlib
import os
import traceback

import numpy as np

ANSWER_MIMETYPE = "application/vnd.courselab.answer+json"
ITSELF = "the answer itself"  # beside the arguments that are looked at again after a call
COMPARISONS = ("close", "equal", "at_most", "at_least", "shape", "dtype", "choice")
DEEPEST = 6  # how far lists and dicts may nest
MOST_ITEMS = 2_000  # how many items one list or dict may hold, when it is no plain list of numbers


def ask(name, function, *inputs, compare="close", rtol=1e-6, atol=1e-9, judge=None, **named_inputs):
    """Call `function(*inputs, **named_inputs)` and hand out its answer under `name`.

    Each question gets fresh copies of its inputs, so that a function which changes them spoils only its own answer.
    Only the key's own comparison counts: what a student's notebook says about it is never read.

    Args:
        name: what the student reads in the feedback, for instance "3 inputs, 2 outputs, 5 examples".
        compare: how the answer is compared with the key's: "close" (within rtol and atol, same shape), "equal",
            "at_most" and "at_least" (the key's number is the bound), "shape", "dtype" (only those), or "choice" (an
            open choice: trusted code named by `judge` tries it out).

    Raises:
        ValueError: for an unknown comparison (a mistake of whoever wrote the question).
    """
    if compare not in COMPARISONS:
        raise ValueError(f"ask({name!r}): compare={compare!r} is not one of {', '.join(COMPARISONS)}")
    payload = {"version": 1, "question": str(name)}
    whole = bool(getattr(function, "whole", False))  # the entries of a dict count together, not one by one
    payload["compare"] = {"how": compare, "rtol": float(rtol), "atol": float(atol), "judge": judge, "whole": whole}
    try:
        if hasattr(
            function, "answer_elsewhere"
        ):  # it runs in another process, which hands out the answer as we do here
            payload.update(function.answer_elsewhere(inputs, named_inputs))
        else:
            value = function(*copy.deepcopy(inputs), **copy.deepcopy(named_inputs))
            payload["value"] = encode(value)
    except BaseException as error:  # also SystemExit: leaving is an answer too, and a wrong one
        if getattr(error, "ends_the_test", False):
            raise
        payload["error"] = describe_error(error)
    _hand_out(payload)


def draw(label=""):
    """A random generator for hidden inputs: the same for everyone in one term, new when the course seed changes.

    Args:
        label: sets one test's inputs apart from another's.

    Returns:
        A numpy Generator. Its seed is handed to the running test by the autograder; without one (in an instructor's own
        JupyterLab) it comes from the label alone.
    """
    seed = os.environ.get("COURSELAB_QUESTION_SEED", "")
    digest = hashlib.sha256(f"{seed}/{label}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def arguments_after(function):
    """A function that calls `function` and returns its answer together with its arguments as the call left them.

    `ask("leaves its arguments unchanged", arguments_after(backward), params, cache, target)` is right only if the answer
    is right and nothing that was handed in has changed.
    """

    def call_and_look_again(*arguments):
        answer = function(*arguments)
        return with_arguments(answer, arguments)

    if hasattr(function, "answer_elsewhere"):
        call_and_look_again.answer_elsewhere = lambda inputs, named: function.answer_elsewhere(inputs, named, "after")
    call_and_look_again.whole = True
    return call_and_look_again


def with_arguments(answer, arguments):
    """An answer and the arguments of its call, as one dict."""
    looked_at = {f"argument {number}": argument for number, argument in enumerate(arguments, start=1)}
    return {ITSELF: answer, **looked_at}


# How an answer is written down: arrays as dtype, shape and bytes; everything else as small JSON.


def encode(value, depth=0):
    """`value` as plain JSON: arrays and numbers keep every bit, anything unknown becomes only the name of its type."""
    if depth > DEEPEST:
        return {"kind": "other", "type": "nested too deeply"}
    if value is None:
        return {"kind": "none"}
    if isinstance(value, str):
        return {"kind": "text", "text": value}
    if isinstance(value, (bool, int, float, complex, np.generic, np.ndarray)):
        return _encode_array(value)
    if isinstance(value, dict):
        items = list(value.items())[:MOST_ITEMS]
        return {"kind": "dict", "items": [[_encode_key(key), encode(item, depth + 1)] for key, item in items]}
    if isinstance(value, (list, tuple)):
        if value and all(type(item) in (bool, int, float) for item in value):
            return {**_encode_array(value), "from": "list"}
        return {"kind": "list", "items": [encode(item, depth + 1) for item in value[:MOST_ITEMS]]}
    return {"kind": "other", "type": type(value).__name__}


def _encode_array(value):
    try:
        array = np.array(value)
    except (OverflowError, ValueError, TypeError):
        return {"kind": "other", "type": type(value).__name__}
    if array.dtype == np.longdouble:
        array = array.astype(np.float64)
    if array.dtype.kind not in "biufc":
        return {"kind": "other", "type": f"array of {array.dtype.name}"}
    array = np.ascontiguousarray(array).reshape(array.shape)
    array = array.astype(array.dtype.newbyteorder("<"))
    data = base64.b64encode(array.tobytes()).decode("ascii")
    return {"kind": "array", "dtype": array.dtype.str, "shape": list(array.shape), "data": data}


def _encode_key(key):
    """Keys of a dict: text stays text, numbers (a dict of learning rates, say) become arrays of one number."""
    return encode(key.item() if isinstance(key, np.generic) else key, DEEPEST)


def describe_error(error):
    """The error as its type's name, its message, and the line of the notebook cell that it came from (or None)."""
    if hasattr(error, "described"):  # it was raised in another process, which has described it
        return error.described
    where = None
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith("cell "):
            where = {"cell": frame.filename.removeprefix("cell "), "line": frame.lineno}
    try:
        message = str(error)[:2_000]
    except Exception:  # an exception whose own text raises
        message = ""
    return {"type": type(error).__name__, "message": message, "where": where}


def _hand_out(payload):
    """Display the answer: the autograder reads the JSON, a person in JupyterLab reads one line."""
    from IPython.display import display

    if "error" in payload:
        said = f"{payload['error']['type']}: {payload['error']['message'][:200]}"
    else:
        said = _in_words(payload["value"])
    display({ANSWER_MIMETYPE: payload, "text/plain": f"asked “{payload['question']}” → {said}"}, raw=True)


def _in_words(value):
    if value["kind"] == "array":
        return f"array of shape {tuple(value['shape'])}"
    if value["kind"] in ("list", "dict"):
        return f"{value['kind']} of {len(value['items'])}"
    return value.get("text", value.get("type", "nothing"))
