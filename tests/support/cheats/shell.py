"""IPython's own machinery: transformers, hooks, magics and replaced methods of the shell."""

from tests.support.cheats import Cheat, wrong_mse

CHEATS = [
    Cheat(
        "ast-transformer",
        "registers an AST transformer that takes every `assert` out of later cells",
        wrong_mse(
            """
import ast


class NoAsserts(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)


get_ipython().ast_transformers.append(NoAsserts())
"""
        ),
    ),
    Cheat(
        "ast-transformer-of-questions",
        "registers an AST transformer, and patches `ast.parse`, so that asserts and questions alike become a constant",
        wrong_mse(
            """
import ast


class Constants(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)

    def visit_Call(self, node):
        self.generic_visit(node)
        if getattr(node.func, "id", "") == "ask":
            node.keywords.append(ast.keyword("compare", ast.Constant("shape")))
        return node


parse = ast.parse
ast.parse = lambda *a, **k: ast.fix_missing_locations(Constants().visit(parse(*a, **k)))
get_ipython().ast_transformers.append(Constants())
"""
        ),
    ),
    Cheat(
        "input-transformer",
        "registers an input transformer that turns the text of the test cell into `pass`",
        wrong_mse(
            """
def no_tests(lines):
    return ["pass\\n"] if any("mse," in line or "assert" in line for line in lines) else lines


get_ipython().input_transformers_cleanup.append(no_tests)
get_ipython().input_transformers_post.append(no_tests)
"""
        ),
    ),
    Cheat(
        "script-magic",
        "registers an input transformer that puts `%%script true` before the test cell, which then runs nothing",
        wrong_mse(
            """
def as_script(lines):
    return ["%%script true\\n", *lines] if any("mse" in line for line in lines) else lines


get_ipython().input_transformers_cleanup.insert(0, as_script)
"""
        ),
        harms_itself=True,
    ),
    Cheat(
        "pre-run-hook",
        "registers a hook that patches numpy's comparisons anew before every cell",
        wrong_mse(
            """
def patch(*_):
    np.allclose = np.array_equal = lambda *a, **k: True


get_ipython().events.register("pre_run_cell", patch)
get_ipython().events.register("pre_execute", patch)
"""
        ),
    ),
    Cheat(
        "post-run-hook",
        "registers hooks that declare every cell a success after it has run, and that show the number 6 as its value",
        wrong_mse(
            """
def praise(result=None):
    if result is not None:
        result.error_in_exec = result.error_before_exec = None
    get_ipython().displayhook(6.0)


get_ipython().events.register("post_run_cell", praise)
get_ipython().showtraceback = lambda *a, **k: None
"""
        ),
    ),
    Cheat(
        "replaced-run-cell",
        "replaces the shell's `run_cell` and `run_cell_async` by ones that do nothing and report success",
        wrong_mse(
            """
from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult

shell = type(get_ipython())


def nothing(self, source="", *a, **k):
    return ExecutionResult(ExecutionInfo(source, False, True, False, None))


async def nothing_async(self, source="", *a, **k):
    return nothing(self, source)


shell.run_cell, shell.run_cell_async, shell.should_run_async = nothing, nothing_async, lambda *a, **k: False
"""
        ),
        harms_itself=True,
    ),
    Cheat(
        "silent-tracebacks",
        "replaces the shell's `showtraceback` and `_showtraceback`, so that failed tests leave no error behind",
        wrong_mse(
            """
shell = get_ipython()
shell.showtraceback = shell._showtraceback = lambda *a, **k: None
shell.showsyntaxerror = lambda *a, **k: None
"""
        ),
    ),
    Cheat(
        "custom-exception-handler",
        "sets a handler of its own for every exception, which says nothing",
        wrong_mse("get_ipython().set_custom_exc((BaseException,), lambda *a, **k: None)"),
    ),
    Cheat(
        "displayhook",
        "replaces the display hook, so that whatever a test cell shows as its value is 6.0",
        wrong_mse(
            """
import sys

hook = type(get_ipython().displayhook)
hook.quiet = lambda self: False
plain = hook.__call__
hook.__call__ = lambda self, result=None: plain(self, 6.0)
get_ipython().events.register("pre_run_cell", lambda *_: sys.displayhook(6.0))
"""
        ),
    ),
    Cheat(
        "lying-namespace",
        "makes the notebook's namespace a dict that hands out its own numbers for names of the hidden tests",
        wrong_mse(
            """
class Namespace(dict):
    def __getitem__(self, name):
        value = dict.__getitem__(self, name)
        return (np.zeros(3), np.zeros(3)) if name.startswith("q_") and isinstance(value, tuple) else value


shell = get_ipython()
shell.user_ns = Namespace(shell.user_ns)
shell.user_ns["mse"] = lambda target, prediction: 0.0
"""
        ),
        harms_itself=True,
    ),
]
