"""What running a notebook can change, seen from its text alone (static analysis). Standard library only.

Hidden tests are asked when the whole notebook has run, but of its state at their own cell. There are three ways to
restore that state, and this module says which will do:

    touches_only_names   a snapshot: nothing but the notebook's names, and plain values that they stand for, can have
                         changed, so the process itself notes these and puts them back
    reaches_outside      a fresh run that ends at the test cell: what stands after it may reach what a fork does not keep
                         apart (shared memory, signals, other processes)
    neither              a checkpoint: a process is forked before each test cell, and files are put back

The first is a list of what is allowed, and nothing that is not on it passes: every name must be the notebook's own or one
of a few built-ins, every attribute one of numpy's that compute and change nothing but the array they belong to.
"""

import ast
import builtins
import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from autograder.notebook.syntax import parsed

MODULES = {"numpy", "math", "itertools", "functools", "helpers", "IPython.display"}
BUILTINS = set(
    """abs all any bool complex dict divmod enumerate filter float frozenset int isinstance issubclass len list map max min
    next pow print range repr reversed round set slice sorted str sum tuple zip iter callable bytes ord chr hash id type
    True False None NotImplemented Ellipsis display __name__
    ArithmeticError AssertionError AttributeError Exception FloatingPointError IndexError KeyError LookupError NameError
    NotImplementedError OverflowError RuntimeError StopIteration TypeError ValueError ZeroDivisionError""".split()
)
# Of numpy, math and plain values: they compute, or change only the array, list or dict that they belong to.
ATTRIBUTES = set(
    """T mT shape size ndim dtype nbytes itemsize real imag flat pi e inf nan newaxis tau
    float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool_ complex64 complex128 integer floating
    number generic ndarray intp finfo iinfo eps tiny
    array asarray asanyarray ascontiguousarray atleast_1d atleast_2d atleast_3d zeros zeros_like ones ones_like empty
    empty_like full full_like eye identity arange linspace logspace geomspace meshgrid diag diagonal tri tril triu
    reshape ravel flatten transpose swapaxes moveaxis expand_dims squeeze broadcast_to concatenate stack hstack vstack
    column_stack row_stack dstack append insert delete split array_split hsplit vsplit tile repeat flip fliplr flipud roll
    rot90 copy astype tolist item fill sort argsort searchsorted nonzero flatnonzero where argwhere argmax argmin nanargmax
    nanargmin take take_along_axis choose compress extract clip round around rint fix floor ceil trunc
    sum prod mean median average std var min max amin amax ptp percentile quantile cumsum cumprod diff ediff1d gradient
    nansum nanmean nanmedian nanstd nanvar nanmin nanmax nanprod nancumsum trapezoid interp histogram bincount unique
    add subtract multiply divide true_divide floor_divide power float_power mod remainder fmod negative positive absolute
    abs fabs sign exp exp2 expm1 log log2 log10 log1p sqrt square cbrt reciprocal sin cos tan arcsin arccos arctan arctan2
    sinh cosh tanh arcsinh arccosh arctanh hypot degrees radians deg2rad rad2deg maximum minimum fmax fmin heaviside
    logaddexp sinc conj conjugate angle matmul dot vdot inner outer tensordot einsum kron cross trace matrix_power
    linalg norm inv pinv det slogdet solve lstsq eig eigh eigvals svd qr cholesky matrix_rank
    equal not_equal greater greater_equal less less_equal logical_and logical_or logical_not logical_xor isclose allclose
    array_equal isnan isinf isfinite isscalar iscomplexobj isrealobj isin any all count_nonzero
    random default_rng normal uniform integers choice permutation standard_normal shuffle seed rand randn randint
    random_sample RandomState Generator errstate vectorize apply_along_axis ndenumerate ndindex nditer fromiter shares_memory
    extend pop remove clear index count reverse items keys values get setdefault update add discard union intersection
    difference issubset issuperset join split strip lstrip rstrip upper lower title replace startswith endswith format
    find isdigit isalpha encode decode ljust rjust center zfill
    isqrt comb perm factorial gcd lcm fsum hypot dist erf gamma lgamma atan atan2 asin acos pow log1p ldexp frexp copysign
    product accumulate chain combinations permutations combinations_with_replacement starmap zip_longest count cycle islice
    repeat pairwise takewhile dropwhile groupby tee reduce partial is_integer bit_length as_integer_ratio""".split()
)
# Of matplotlib, and of what the course's checks return: in the instructor's cells only. What they draw is seen by nobody
# who does not name matplotlib.
PICTURES = set(
    """passed subplots figure plot semilogy semilogx loglog scatter bar imshow contour contourf colorbar hist fill_between
    axhline axvline text annotate legend grid title suptitle xlabel ylabel xlim ylim axis tight_layout show close gca gcf
    set set_title set_xlabel set_ylabel set_xlim set_ylim set_xscale set_yscale set_xticks set_yticks set_aspect""".split()
)
NODES = (
    ast.Module, ast.FunctionDef, ast.Lambda, ast.arguments, ast.arg, ast.Return, ast.Assign, ast.AugAssign, ast.AnnAssign,
    ast.For, ast.While, ast.If, ast.With, ast.withitem, ast.Raise, ast.Try, ast.ExceptHandler, ast.Assert, ast.Import,
    ast.ImportFrom, ast.alias, ast.Global, ast.Nonlocal, ast.Expr, ast.Pass, ast.Break, ast.Continue, ast.Delete,
    ast.BoolOp, ast.NamedExpr, ast.BinOp, ast.UnaryOp, ast.IfExp, ast.Dict, ast.Set, ast.ListComp, ast.SetComp,
    ast.DictComp, ast.GeneratorExp, ast.comprehension, ast.Compare, ast.Call, ast.keyword, ast.FormattedValue,
    ast.JoinedStr, ast.Constant, ast.Attribute, ast.Subscript, ast.Starred, ast.Name, ast.List, ast.Tuple, ast.Slice,
    ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop,
)  # fmt: skip
OUTSIDE = re.compile(
    r"signal|kill|mmap|memmap|ctypes|cffi|multiprocessing|shared_memory|concurrent|joblib|thread|subprocess|popen|fork"
    r"|spawn|socket|fcntl|asyncio|await|system|\bpty\b|^[ \t]*+[!%]",
    re.IGNORECASE | re.MULTILINE,
)
LONGEST = 200_000  # characters of a notebook that is looked at


class CellText(Protocol):
    """What is looked at of a cell (job.Cell)."""

    @property
    def source(self) -> str: ...

    @property
    def students(self) -> bool: ...


def touches_only_names(cells: Sequence[CellText]) -> bool:
    """Whether these cells, run in order, can touch nothing but the notebook's names and plain values."""
    if sum(len(cell.source) for cell in cells) > LONGEST:
        return False
    looked_at = []
    for cell in cells:
        looks = _look(cell.source, cell.students)
        if looks is None:
            return False
        looked_at.append((cell.students, looks))
    bound = set[str]().union(*(found.binds for _, found in looked_at))
    read = set[str]().union(*(found.reads for _, found in looked_at))
    pictures = set[str]().union(*(found.pictures for _, found in looked_at))
    if any(students and not pictures.isdisjoint(found.reads) for students, found in looked_at):
        return False
    return not any(name.startswith("__") and name != "__name__" for name in bound) and read <= bound | BUILTINS


def only_names(text: str) -> bool:
    """The same for a text of the instructor's that runs on the side that asks, where other names are the student's."""
    found = _look(text, False)
    return found is not None and not any(_is_powerful(name) for name in found.reads - found.binds)


def _is_powerful(name: str) -> bool:
    return (name.startswith("__") or hasattr(builtins, name)) and name not in BUILTINS


@dataclass(frozen=True)
class _Found:
    binds: frozenset[str]
    reads: frozenset[str]
    pictures: frozenset[str]  # names that stand for matplotlib


def reaches_outside(texts: Sequence[str]) -> list[bool]:
    """For each of these cells, whether one that stands after it names something that reaches what a fork does not keep
    apart."""
    found, later = [], False
    for text in reversed(texts):
        found.append(later)
        later = later or OUTSIDE.search(text) is not None
    return found[::-1]


@functools.lru_cache(maxsize=2048)
def _look(text: str, students: bool) -> _Found | None:
    """The names bound and read in a text, if all in it is allowed; else None. students: whether a student wrote it."""
    tree = parsed(text)
    if tree is None:
        return None
    binds: set[str] = set()
    reads: set[str] = set()
    pictures: set[str] = set()
    errstates: set[int] = set()  # ids of nodes
    attributes = ATTRIBUTES if students else ATTRIBUTES | PICTURES
    for node in ast.walk(tree):
        if not isinstance(node, NODES):
            return None
        if isinstance(node, ast.Name):
            (reads if isinstance(node.ctx, ast.Load) else binds).add(node.id)
        elif isinstance(node, ast.FunctionDef):
            if node.decorator_list:
                return None
            binds.add(node.name)
        elif isinstance(node, ast.arg):
            binds.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            binds.add(node.name)
        elif isinstance(node, ast.Attribute):
            if node.attr not in attributes or not isinstance(node.ctx, ast.Load):
                return None
            if node.attr == "errstate" and id(node) not in errstates:
                return None
        elif isinstance(node, ast.With):  # only numpy's errstate, which puts back what it changes
            for item in node.items:
                call = item.context_expr
                if not (isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "errstate"):
                    return None
                errstates.add(id(call.func))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                name = (alias.asname or alias.name).split(".")[0]
                if not students and alias.name == "matplotlib.pyplot":
                    pictures.add(name)
                elif alias.name.split(".")[0] not in MODULES and alias.name not in MODULES:
                    return None
                binds.add(name)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level or (module.split(".")[0] not in MODULES and module not in MODULES):
                return None
            for alias in node.names:
                if alias.name == "*" or (module.split(".")[0] != "helpers" and not _is_known(module, alias.name)):
                    return None
                binds.add(alias.asname or alias.name)
    return _Found(frozenset(binds), frozenset(reads), frozenset(pictures))


def _is_known(module: str, name: str) -> bool:
    return name in ATTRIBUTES or (module, name) in {("IPython.display", "display"), ("numpy", "linalg")}
