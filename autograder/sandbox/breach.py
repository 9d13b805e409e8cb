"""Which limit a notebook has passed, and what of it was not kept, as data; it becomes a sentence here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Over(StrEnum):
    """What there was too much of."""

    CELL_CPU = "processor time of one cell"
    ALL_CPU = "processor time of all cells"
    FILES = "files"
    MEMORY = "memory"
    SOCKETS = "sockets"
    OUTPUT = "output"
    TIME = "time of one cell or question"
    ALL_TIME = "time of the submission"
    ASKER = "what the hidden tests may use"


@dataclass(frozen=True)
class Breach:
    """A limit that was passed. limit: in seconds, bytes or pieces; 0 where it is not told."""

    over: Over
    limit: float = 0

    def __str__(self) -> str:
        """The sentence's end: "the code was stopped: …"."""
        return _WORDS[self.over].format(limit=self.limit, megabytes=self.limit / 1024**2)


_WORDS = {
    Over.CELL_CPU: "it used more than {limit:g} seconds of processor time",
    Over.ALL_CPU: "all cells together used more than {limit:g} seconds of processor time",
    Over.FILES: "it made more than {limit:,} files",
    Over.MEMORY: "it used more than {megabytes:g} MB of memory",
    Over.SOCKETS: "it opened more than {limit} sockets",
    Over.OUTPUT: "it wrote more than {megabytes:g} MB of output",
    Over.TIME: "it used up its time",
    Over.ALL_TIME: "the submission used up its time ({limit:g} seconds for everything)",
    Over.ASKER: "the process that asks has ended (did the questions need too much?)",
}


class Kept(StrEnum):
    """What is kept of a run, up to a limit."""

    OUTPUT_BYTES = "bytes of outputs"
    OUTPUTS = "outputs"
    ANSWER_BYTES = "bytes of answers"


@dataclass(frozen=True)
class Cut:
    """There was more than is kept. limit: in bytes or pieces."""

    what: Kept
    limit: int

    def __str__(self) -> str:
        return _CUT_WORDS[self.what].format(limit=self.limit, megabytes=self.limit / 1024**2)


_CUT_WORDS = {
    Kept.OUTPUT_BYTES: "only the first {megabytes:g} MB of the outputs were kept",
    Kept.OUTPUTS: "only the first {limit:,} outputs were kept",
    Kept.ANSWER_BYTES: "only the first {megabytes:g} MB of the answers were taken",
}
