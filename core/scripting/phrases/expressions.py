"""From an expression to what is added for it: a node for each sign and function, an input for each new name."""

from __future__ import annotations

import math
from typing import Any

from ...graph import Source
from ...near import near
from ...parameters import shown
from ..makers import LAYER, OP, Maker, explicit, settings_of, texts_of
from .around import Scope
from .forms import BINARY, Binary, Call, Expression, Negative, Number, Value, is_name
from .lexing import PhraseError
from .making import New, of_ports

PI = ("pi", "π")
LONG = 4  # letters from which a new name is held against those that are there


class Sketch:
    """What an expression adds, in the order in which it is added."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.news: list[New] = []
        self.inputs: dict[str, int] = {}  # places of the inputs made, by name
        self._rows = 0
        self._row: dict[int, float] = {}

    def of(self, form: Expression, matrix: bool = False) -> Source | int:
        """The value of an expression; `matrix`: it is multiplied as one."""
        match form:
            case Number(value, column):
                return self._leaf("constant", {"value": value}, "", column)
            case Negative(Number(value), column):
                return self._leaf("constant", {"value": -value}, "", column)
            case Negative(of, column):
                return self._apply(self.scope.registry["negative"], [of], {}, column)
            case Binary(sign, left, right, column):
                return self._apply(self.scope.registry[BINARY[sign][1]], [left, right], {}, column)
            case Call(function, arguments, parameters, column):
                return self._call(self.scope.function(function, column), arguments, dict(parameters), column)
            case Value():
                return self._value(form, matrix)

    def _call(self, maker: Maker, arguments: tuple[Expression, ...], given: dict[str, Any], column: int) -> int:
        texts = [each for each in arguments if isinstance(each, Value) and self._is_text(maker, each)]
        values = [each for each in arguments if not any(each is text for text in texts)]
        place = self._apply(maker, values, {}, column)
        inputs, parameters = of_ports(self.scope, maker, given | _named(maker, texts, given), column)
        self.news[place].inputs += inputs
        self.news[place].parameters = parameters
        return place

    def _is_text(self, maker: Maker, form: Value) -> bool:
        """Whether a parameter is meant by what stands in quotes: nothing is called so, or it says how to compute."""
        if not form.quoted or self.scope.sure(form.path) is not None or self.scope.alike(form.path):
            return False
        return bool(texts_of(maker)) or not is_name(form.path)

    def _apply(self, maker: Maker, arguments: Any, parameters: dict[str, Any], column: int) -> int:
        matrix = maker.name == "matmul"
        inputs = [(None, self.of(each, matrix)) for each in arguments]
        rows = [self._row[of] for _, of in inputs if isinstance(of, int)]
        row = (rows[0] + rows[-1]) / 2 if rows else self._next_row() if self.news or not inputs else 0.0
        return self._add(New(maker, parameters, inputs=list(inputs), column=column, row=row))

    def _value(self, form: Value, matrix: bool) -> Source | int:
        path, output, column = form.path, form.output, form.column
        if path in self.inputs and not output:
            return self.inputs[path]
        if output or "/" in path or self.scope.sure(path) is not None or self.scope.alike(path):
            return self.scope.source(path, output, column)
        if path in PI:
            return self._leaf("constant", {"value": math.pi}, "", column)
        if form.quoted and not is_name(path):
            own = f"; {path} without quotes makes an input" * path.isidentifier()
            raise PhraseError(
                column,
                f"a value must stand here, got the text {shown(path)}",
                hint=f'a text says how an op computes, as in einsum("ij,jk->ik", a, b){own}',
            )
        maker = self.scope.function(path, column) if path.startswith((LAYER, OP)) else self.scope.maker(path)
        if maker is not None and path in (maker.name, explicit(maker)):
            raise PhraseError(column, f"{path} is a function, a value must stand here", hint=f"as in {path}(x)")
        shape = {"shape": (2, 2)} if matrix else {}
        place = self._leaf("input", {**shape, "value": 1.0}, path, column)
        self.inputs[path] = place
        return place

    def near(self, name: str) -> str:
        """A name that is there and much like a new one."""
        names = [each.name for each in self.scope.graph.nodes.values()] if len(name) >= LONG else []
        return next(iter(near(name, names[:1000])), "")

    def _leaf(self, op: str, parameters: dict[str, Any], name: str, column: int) -> int:
        return self._add(New(self.scope.registry[op], parameters, name, column=column, row=self._next_row()))

    def _next_row(self) -> float:
        self._rows += 1
        return self._rows - 1.0

    def _add(self, new: New) -> int:
        self.news.append(new)
        place = len(self.news) - 1
        self._row[place] = new.row or 0.0
        return place


def _named(maker: Maker, texts: list[Value], given: dict[str, Any]) -> dict[str, str]:
    """The parameters that texts in quotes give, in the order in which the op has them. Raises `PhraseError`."""
    own = texts_of(maker)
    free = [name for name in own if name not in given]
    if len(texts) > len(free):
        text = texts[len(free)]
        known = settings_of(maker)
        hint = f"its parameters by name: {known}" if known else f"values alone, as in {maker.name}(x)"
        message = f"{maker.name} takes no {'further ' * bool(own)}text, got {shown(text.path)}"
        raise PhraseError(text.column, message, hint=hint)
    return {name: text.path for name, text in zip(free, texts, strict=False)}
