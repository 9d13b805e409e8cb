"""An IPython shell without terminal, history file, debugger or kernel."""

from __future__ import annotations

import ast
import base64
import contextlib
import os
import subprocess
import sys
import warnings

from .streams import TimeIsUp

TYPE_CHECKING = False  # as typing has it, which need not be loaded here
if TYPE_CHECKING:
    from typing import Any, Protocol

    from .streams import Outbox

    class NotebookShell(Protocol):
        """What others use of the shell that `make_shell` makes."""

        outbox: Outbox
        user_ns: dict[str, Any]

        def run_labelled(self, source: str, label: str) -> None: ...

        def reset(self) -> None: ...


def make_shell(outbox: Outbox) -> NotebookShell:
    """An IPython shell that sends what it shows to the outbox."""
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell

    class Publisher(DisplayPublisher):
        def publish(
            self,
            data: Any,
            metadata: Any = None,
            source: Any = None,
            *,
            transient: Any = None,
            update: bool = False,
            **_: Any,
        ) -> None:
            sys.stdout.flush()
            sys.stderr.flush()
            kind = "update_display_data" if update else "display_data"
            message = {"output_type": kind, "data": _plain(data), "metadata": _plain(metadata or {})}
            display_id = (transient or {}).get("display_id")
            outbox.send({**message, "display_id": display_id} if isinstance(display_id, str) else message)

        def clear_output(self, wait: bool = False) -> None:
            sys.stdout.flush()
            sys.stderr.flush()
            outbox.send({"output_type": "clear_output", "wait": bool(wait)})

    class Hook(DisplayHook):
        def write_output_prompt(self) -> None:
            pass

        def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
            sys.stdout.flush()
            sys.stderr.flush()
            outbox.send(
                {"output_type": "execute_result", "data": _plain(format_dict), "metadata": _plain(md_dict or {})}
            )

        def finish_displayhook(self) -> None:
            pass

    class Shell(InteractiveShell):
        displayhook_class = Hook
        display_pub_class = Publisher
        label = ""
        outbox: Outbox
        own_transformers: list[list[Any]]

        def run_labelled(self, source: str, label: str) -> None:
            """Run a cell. An error that replaced methods of IPython did not show is told all the same."""
            self.label, self.errors_shown = label, 0
            try:
                result = self.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]
                error = result.error_before_exec or result.error_in_exec
            except TimeIsUp:
                raise
            except BaseException as escaped:
                error = escaped
            if error is not None and not self.errors_shown:
                Shell._tell(self, type(error), error, [])

        def transform_cell(self, raw_cell: str) -> str:
            """Plain Python is what it was before: only magics and the like need IPython's transformers."""
            if raw_cell[:1].strip() and self._transformers() == self.own_transformers:
                with (
                    contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError),
                    warnings.catch_warnings(),
                ):
                    warnings.simplefilter("ignore")  # it will be compiled once more
                    ast.parse(raw_cell)
                    return raw_cell if raw_cell.endswith("\n") else raw_cell + "\n"
            return super().transform_cell(raw_cell)  # type: ignore[no-untyped-call]

        def _transformers(self) -> list[list[Any]]:
            manager = self.input_transformer_manager
            lists = (manager.cleanup_transforms, manager.line_transforms, manager.token_transformers)
            return [*map(list, lists), self.input_transformers_post[:]]

        def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
            self._tell(etype, evalue, stb)

        def _tell(self, etype: type[BaseException], evalue: BaseException, stb: Any) -> None:
            self.errors_shown += 1
            sys.stdout.flush()
            sys.stderr.flush()
            text = ""
            with contextlib.suppress(BaseException):
                text = str(evalue)
            trace = stb if isinstance(stb, list) else [str(stb)]
            if etype is TimeIsUp:
                trace = [f"TimeIsUp: {text}"]
            outbox.send({"output_type": "error", "ename": etype.__name__, "evalue": text, "traceback": trace})

        def ask_exit(self) -> None:
            pass

        def system(self, cmd: str) -> None:
            """A line with ! before it. IPython's own wants a terminal, and there is none."""
            done = _run_program(self.var_expand(cmd, depth=1))  # type: ignore[no-untyped-call]
            self.user_ns["_exit_code"] = done.returncode
            sys.stdout.write(done.stdout.decode("utf-8", "replace"))

        def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
            from IPython.utils.text import LSString, SList

            done = _run_program(self.var_expand(cmd, depth=depth + 1))  # type: ignore[no-untyped-call]
            said = done.stdout.decode("utf-8", "replace")
            return SList(said.splitlines()) if split else LSString(said)

        def enable_gui(self, gui: Any = None) -> None:
            pass

    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = Shell.instance(config=config)
    shell.outbox, shell.own_transformers = outbox, shell._transformers()

    def name_of_cell(raw_code: str, transformed_code: str, number: int) -> str:
        return f"cell {shell.label}"

    shell.compile.get_code_name = name_of_cell  # type: ignore[method-assign]
    return shell


def _run_program(command: str) -> subprocess.CompletedProcess[bytes]:
    """What a shell command says, on either stream."""
    kept: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.run(command, shell=True, executable="/bin/bash" if os.path.exists("/bin/bash") else None, **kept)


def _plain(value: Any) -> Any:
    """What JSON can carry; bytes become base64 text, anything else its repr."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    return repr(value)
