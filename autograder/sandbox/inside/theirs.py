"""What stands, on the side that asks, for a function or an object in the student's process."""

from __future__ import annotations

TYPE_CHECKING = False  # as typing has it, which need not be loaded here
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from .asking import Asking, Order

OPERATORS = "add sub mul truediv floordiv mod pow matmul lt le gt ge"


class Theirs:
    """Stands for a function or an object in the student's process. Only what is done with it travels."""

    whole = False  # as helpers.questions asks

    def __init__(self, asking: Asking, target: str | int, kind: str) -> None:
        self.__dict__.update(asking=asking, target=target, kind=kind)

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        return self.asking.call(self.target, inputs, named)

    def answer_elsewhere(self, inputs: tuple[Any, ...], named: dict[str, Any], how: str = "answer") -> Order:
        """The part of an answer's payload that calling this gives: {"value": …} or {"error": …}."""
        packed = self.asking.inputs(list(inputs), named)
        reply = self.asking._request("call", target=self.target, inputs=packed, **{"as": how})
        if "error" in reply:
            return {"error": reply["error"]}
        return {"value": reply.get("answer")}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in ("__name__", "__doc__", "__wrapped__"):
            raise AttributeError(name)
        return self._look("attribute", name=name)

    def _look(self, way: str, **more: Any) -> Any:
        return self.asking.value("look", target=self.target, way=way, **more)

    def __getitem__(self, key: object) -> Any:
        return self._look("item", inputs=self.asking.inputs(key))

    def __len__(self) -> int:
        return self._look("length")

    def __iter__(self) -> Iterator[Any]:
        return iter(self._look("all"))

    def __str__(self) -> str:
        return self._look("text")

    def __repr__(self) -> str:
        return self._look("repr")

    def __bool__(self) -> bool:
        return self._look("truth")

    def __float__(self) -> float:
        return self._look("number")

    def __eq__(self, other: object) -> bool:
        return self._look("equal", inputs=self.asking.inputs(other))

    __hash__ = object.__hash__

    def __copy__(self) -> Theirs:
        return self

    def __deepcopy__(self, memo: object) -> Theirs:
        return self


def _operation(name: str) -> Callable[[Theirs, Any], Any]:
    def operate(self: Theirs, other: object) -> Any:
        return self._look("attribute", name=name)(other)

    return operate


for _name in OPERATORS.split():
    setattr(Theirs, f"__{_name}__", _operation(f"__{_name}__"))
