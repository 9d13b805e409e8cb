"""How the fuzz tests look for inputs: a bounded search in CI, a long one with FUZZ_MINUTES, and a corpus of what was found.

Each target has a folder of files in corpus/, one input each, which every test run replays. When the search finds an
input that breaks a promise, the smallest such input is written there before the test fails.
"""

import hashlib
import os
import signal
import time
from contextlib import contextmanager

import hypothesis
import pytest

from tests.support.courses import ROOT

CORPUS = ROOT / "tests" / "fuzz" / "corpus"
EXAMPLES = 150  # in an ordinary run
EXAMPLES_OF_A_ROUND = 1_000  # in a long one: rounds follow each other until the time is up


def replay(target):
    """A decorator that runs a test on every file of a target's corpus: it gets the file's bytes."""
    files = sorted((CORPUS / target).iterdir())
    assert files, f"no corpus in {CORPUS / target}"
    return pytest.mark.parametrize("data", [file.read_bytes() for file in files], ids=[file.name for file in files])


def hunt(target, strategy, check):
    """Call `check` on many inputs (bytes) drawn from `strategy`; one for which it raises is kept in the corpus."""
    minutes = float(os.environ.get("FUZZ_MINUTES", 0))
    end = time.monotonic() + 60 * minutes
    while True:
        _one_round(target, strategy, check, long=minutes > 0)
        if time.monotonic() >= end:
            return


def _one_round(target, strategy, check, long):
    failing = []

    @hypothesis.settings(
        max_examples=EXAMPLES_OF_A_ROUND if long else EXAMPLES,
        derandomize=not long,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(strategy)
    def search(data):
        try:
            check(data)
        except BaseException:
            failing[:] = [data]  # the last one is the smallest
            raise

    try:
        search()
    except Exception as error:
        if failing:
            path = CORPUS / target / f"found-{hashlib.sha256(failing[0]).hexdigest()[:16]}.txt"
            path.write_bytes(failing[0])
            error.add_note(f"The input is kept in {path.relative_to(CORPUS.parents[2])}: commit it with what mends it.")
        raise


@contextmanager
def processor_time(seconds):
    """Fail when the block takes more processor time than this: far more than it needs, and no matter who else is busy."""

    def stop(*_):
        raise TimeoutError(f"more than {seconds} seconds of processor time")

    previous = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, previous)
