"""`f = …`: expressions with a name, and values of inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...document import Transaction
from ...errors import EditError
from ...graph import Source
from .around import Scope, listed, placed
from .doing import Act, Done
from .expressions import Sketch
from .forms import Assign, Let, expression, spelled
from .lexing import PhraseError
from .making import Made, New, make


def assign(scope: Scope, form: Assign) -> tuple[str, Act]:
    """Add what computes an expression, and call its result so."""
    sketch = Sketch(scope)
    result = sketch.of(form.value)
    if not sketch.news:
        same = expression(form.value)
        hint = f"as in {form.name or 'f'} = identity({same})"
        raise PhraseError(form.column, f"{same} is there already: nothing is computed", hint=hint)
    taken = _replaced(scope, form)

    def act(t: Transaction) -> Done:
        made = make(t, scope, sketch.news)
        source = made.source(result, form.column)
        told = [*_of_inputs(sketch), _added_for(sketch, made, t)]
        if form.name:
            named = made.ids[result] if isinstance(result, int) else source.node
            with placed(form.column):
                if taken is not None:
                    _take_over(t, taken, source)
                t.rename(named, form.name)
            told.append(f"calls the result {form.name}" + ", which all read that read the input" * (taken is not None))
        return Done(made.ids, "; ".join(part for part in told if part))

    return spelled(form) if len(spelled(form)) <= 60 else f"Write {form.name or 'an expression'}", act


def _replaced(scope: Scope, form: Assign) -> str | None:
    """The input of this name: what it was given by hand is computed from now on."""
    id = scope.find(form.name) if form.name else None
    if id is None:
        return None
    node = scope.graph.nodes.get(id)
    if node is None or node.op != "input":
        hint = "f_2 = … is another one".replace("f", form.name, 1)
        raise PhraseError(form.column, f"the name {form.name!r} is taken", hint=hint)
    return id


def _take_over(t: Transaction, input: str, source: Source) -> None:
    for wire in t.graph.consumers(input):
        t.connect(source, wire.target, wire.port)
    t.remove(input)


def _of_inputs(sketch: Sketch) -> list[str]:
    names = list(sketch.inputs)
    if not names:
        return []
    close = [f"{near} is there" for name in names if (near := sketch.near(name))]
    return [f"makes input{'s' * (len(names) > 1)} {listed(names)}" + f" ({', '.join(close)})" * bool(close)]


def _added_for(sketch: Sketch, made: Made, t: Transaction) -> str:
    leaves = set(sketch.inputs.values())
    added = [(place, id) for place, id in enumerate(made.ids) if place not in leaves]
    names = [t.graph.item(id).name + made.guessed(place) for place, id in added]
    return f"adds {listed(names[:8])}{' …' * (len(names) > 8)}" if names else ""


def let(scope: Scope, form: Let) -> tuple[str, Act]:
    """Give a value to what is called so, or make an input of it."""
    with placed(form.column):
        array = _array(form)
    id = scope.find(form.name)
    node = None if id is None else scope.graph.nodes.get(id)
    if id is not None and (node is None or node.op not in ("input", "constant", "parameter")):
        raise PhraseError(form.column, f"{form.name} is computed", hint="inputs, constants and parameters have a value")

    def act(t: Transaction) -> Done:
        if node is None:
            shape = {"shape": array.shape} if array.ndim else {}
            made = make(
                t, scope, [New(scope.registry["input"], {**shape, "value": form.value}, form.name, column=form.column)]
            )
            return Done(made.ids, f"makes input {form.name}" + f" of shape {array.shape}" * bool(array.ndim))
        with placed(form.column):
            _give(t, node.id, node.op, form.value, array)
        return Done([node.id], f"sets the value of {form.name}")

    return f"Edit the value of {form.name}" if node is not None else f"Add {form.name}", act


def _array(form: Let) -> np.ndarray[Any, Any]:
    try:
        found = np.array(form.value)
    except (ValueError, OverflowError):
        found = np.array(None)
    if found.dtype.kind not in "iuf":
        raise EditError(f"{form.name} = … takes numbers, and lists of equal lengths", hint="x = [[1, 2], [3, 4]]")
    return found


def _give(t: Transaction, id: str, op: str, value: Any, array: np.ndarray[Any, Any]) -> None:
    shape = tuple(t.node(id).params.get("shape", ()))
    if op == "parameter":
        if array.ndim and array.shape != shape:
            raise EditError(f"{t.node(id).name} has shape {shape}, got {array.shape}", hint="a number fills any shape")
        t.set_values(id, np.full(shape, array).astype(t.graph.dtype))
        return
    with t.step():
        t.set_param(id, "value", value)
        if op == "input" and array.ndim and array.shape != shape:
            t.set_param(id, "shape", array.shape)
