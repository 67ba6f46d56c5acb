"""What a name adds: an op, a layer, or either of them, as `conv2d`, `batch_norm`, `layer_norm` and `embedding` do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ..errors import ParameterError
from ..graph import GraphView, Source
from ..infer import SIZES, Binding, Describe, Inferred, infer_upwards
from ..layers import LAYERS, Layer
from ..near import near
from ..op import Aval, Op
from ..ops import Registry
from ..other_names import absent, differs, meant, parameter_called, same
from ..parameters import HIDDEN, Parameter

Maker = Op | Layer

LAYER, OP = "layer:", "op:"  # before a name that an op and a layer have, to say which is meant


class Makers(NamedTuple):
    """The op and the layer of one name, each None where there is none."""

    op: Op | None
    layer: Layer | None

    @property
    def first(self) -> Maker | None:
        """The op, else the layer: what a function of values is."""
        return self.op or self.layer

    def fitting(self, given: Iterable[str], fed: int) -> Maker | None:
        """Which is meant by settings and ports of these names, and by `fed` values before it.

        What only the layer has means the layer, and what only the op has the op. Else it is the layer, which brings
        all that the op would miss, unless there are values for several ports.
        """
        if self.op is None or self.layer is None:
            return self.first
        given = list(given)
        of_op, of_layer = (has(each, given) for each in (self.op, self.layer))
        fed += sum(takes(self.op, name) and name not in self.layer.parameters for name in given)
        return self.layer if of_layer - of_op or not (of_op - of_layer or fed > 1) else self.op


def named(name: str, registry: Registry, others: bool = False) -> Makers:
    """The op and the layer that a name means; of `layer:NAME` only the layer, of `op:NAME` only the op.

    With `others` also by what other libraries call them, where nothing here is called so.
    """
    plain = name.removeprefix(LAYER).removeprefix(OP) if name.startswith((LAYER, OP)) else name
    found = Makers(registry.get(plain), LAYERS.get(plain))
    if found.first is None and others:
        op, layer = same(plain, "op", registry.names()), same(plain, "layer", LAYERS.names())
        found = Makers(None if op is None else registry[op], None if layer is None else LAYERS[layer])
    if name.startswith(LAYER):
        return Makers(None, found.layer)
    return Makers(found.op, None) if name.startswith(OP) else found


def near_to(name: str, registry: Registry, there: Iterable[str] = ()) -> str | None:
    """What may be meant where nothing is called so: an op or a layer, or what is `there`; for refusals."""
    word = name.removeprefix(LAYER).removeprefix(OP)
    does_it = meant(word, "op", registry.names()) or meant(word, "layer", LAYERS.names())
    known = dict.fromkeys([*there, *registry.names(), *LAYERS.names()])
    close = [does_it] if does_it is not None else [] if absent(word) else near(word, known, 3)
    differing = f"; {differs(word)}" if does_it is not None and differs(word) else ""
    return f"near: {', '.join(close)}{differing}" if close else None


def of_other_kind(name: str, registry: Registry) -> tuple[str, str] | None:
    """Of `layer:relu` that there is no such layer, and what there is; None where nothing is called so."""
    kind, _, plain = name.partition(":")
    found = named(plain, registry, others=True).first if name.startswith((LAYER, OP)) else None
    return None if found is None else (f"no {kind} is called {plain!r}", f"{in_words(found)}: {explicit(found)}")


def explicit(made: Maker) -> str:
    """`layer:conv2d`."""
    return f"{LAYER if isinstance(made, Layer) else OP}{made.name}"


def in_words(made: Maker) -> str:
    """`the layer conv2d`."""
    return f"the {'layer' if isinstance(made, Layer) else 'op'} {made.name}"


def other(made: Maker, registry: Registry) -> Maker | None:
    """What else is called so: the layer of an op's name, the op of a layer's."""
    return registry.get(made.name) if isinstance(made, Layer) else LAYERS.get(made.name)


def has(made: Maker, given: Iterable[str]) -> set[str]:
    """Which of these names are settings or ports."""
    return {name for name in given if parameter_called(made.parameters, name) in made.parameters or takes(made, name)}


def takes(made: Maker, name: str) -> bool:
    """Whether it has a port of this name."""
    return name == "x" if isinstance(made, Layer) else made.has_port(name)


def texts_of(made: Maker) -> dict[str, Parameter]:
    """Its parameters that are texts or choices among texts, by name."""
    return {name: each for name, each in made.parameters.items() if each.is_text and each.role not in HIDDEN}


def settings_of(made: Maker) -> str:
    """Its parameters that one may give, as they are written: `axis=…, keepdims=…`."""
    return ", ".join(f"{name}=…" for name, each in made.parameters.items() if each.role not in HIDDEN)


def other_has(made: Maker, given: Iterable[str], registry: Registry) -> tuple[str, str] | None:
    """The first name that it lacks and that the other of its name has, with how that is written: for refusals."""
    else_called = other(made, registry)
    lacked = [] if else_called is None else [name for name in given if not has(made, [name])]
    for name in lacked:
        if else_called is not None and has(else_called, [name]):
            return name, f"{in_words(else_called)} has it: {explicit(else_called)}"
    return None


def refuse_other(made: Maker, given: Iterable[str], registry: Registry) -> None:
    """Raise `ParameterError` where a name is none of its own and the other of its name has it."""
    if found := other_has(made, given, registry):
        name, hint = found
        raise ParameterError(f"{in_words(made)} has neither a port nor a parameter {name!r}", hint=hint)


# What follows from the value that a layer reads.


def following(shape: Sequence[Any]) -> dict[str, Any]:
    """Settings of layers that follow from the shape of what they read."""
    found: dict[str, Any] = {}
    if shape and shape[-1] % SIZES[0]:
        found |= {"in_features": shape[-1], "normalized_shape": (shape[-1],)}
    if len(shape) > 1:
        found |= {"in_channels": shape[1], "num_features": shape[1], "shape": tuple(shape[1:])}
    return found


def shape_above(
    view: GraphView, registry: Registry, source: Source, describe: Describe | None, found: Inferred
) -> Aval | None:
    """The shape of a value, inferred as far up as `found` does not tell it; None where nothing says it."""
    return infer_upwards(view, registry, source, Binding(view.dtype, SIZES[0]), describe, found)
