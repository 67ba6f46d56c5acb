"""Plans as generated Python over NumPy: straight lines that write into reused buffers.

The text holds only names that this file makes and numbers of values: parameters, constants and functions come in
through the namespace, so that nothing of a document ever reaches the compiler. The same NumPy functions in the same
order on the same memory layouts as the eager tape give the same bits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import numpy as np

from ..errors import RunError
from ..op import Aval
from ..plan import Plan, Step
from .buffers import FUNCTIONS, Layout, bases, lay_out, writes_into
from .looping import loop

PART = 1_000  # steps a function: compiling 100,000 lines at once takes seconds and hundreds of megabytes
LOOP = 50_000  # steps above which a loop over them runs instead of generated text

Saw = Callable[[int, Any], None]


def unavailable() -> RunError | None:
    """Why this backend cannot run here: it always can."""
    return None


def put(arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Those same arrays: they are where they are computed with."""
    return dict(arrays)


def fetch(values: Mapping[str, Any]) -> dict[str, np.ndarray[Any, Any]]:
    """Copies of arrays, which later runs do not write to."""
    return {name: np.array(value) for name, value in values.items()}


def room() -> int:
    """The bytes that are free for data which is moved before a run: none is."""
    return 0


def source(plan: Plan) -> str:
    """The Python text that `compile` runs."""
    return _Writer(plan, lay_out(plan), record=False).text()


def compile(plan: Plan, record: bool = False) -> Executable:
    """An executable of `plan`. With `record` nothing is reused and each value can be seen as it is made."""
    return Executable(plan, record)


class Executable:
    """A compiled plan: call it with feeds and state. Its buffers serve one run at a time: another thread waits.

    `text` is the generated source, `lines` the step of each of its lines, `arena` the bytes of the reused buffers,
    `note` what a user should know about how it runs.
    """

    def __init__(self, plan: Plan, record: bool) -> None:
        self.plan = plan
        self.record = record
        self.note = ""
        self.arena = 0
        self.text = ""
        self.lines: dict[int, int] = {}
        self._saw: Saw = _ignore
        self._lock = threading.Lock()
        base = bases(plan)
        self._borrowed = {n for n in plan.updates.values() if base[n] in plan.state.values()}
        if len(plan.steps) > LOOP:
            self.note = f"{len(plan.steps):,} steps: run by a loop, since more than {LOOP:,} would be slow to compile"
            self._run = loop(plan, np, plan.constants, lambda number, value: self._saw(number, value))
            return
        layout = lay_out(plan, reuse=not record)
        self.arena = layout.nbytes
        writer = _Writer(plan, layout, record)
        self.text = writer.text()
        self.lines = writer.lines
        namespace = writer.namespace()
        namespace["saw"] = lambda number, value: self._saw(number, value)
        exec(compile_text(self.text), namespace)
        self._run = namespace["run"]

    def __call__(
        self,
        feeds: Mapping[str, Any],
        state: MutableMapping[str, np.ndarray[Any, Any]] | None = None,
        saw: Saw | None = None,
    ) -> dict[str, np.ndarray[Any, Any]]:
        """Run the plan once: the outputs by name, as arrays of their own. Updates are written into `state`'s arrays.

        Raises `RunError` for a missing feed or one of another shape or dtype.
        """
        plan = self.plan
        fed = [self._feed(name, number, feeds) for name, number in plan.inputs.items()]
        held = [self._read(slot, number, state or {}) for slot, number in plan.state.items()]
        with self._lock:
            self._saw = saw or _ignore
            try:
                return self._run_once(fed, held, state)
            finally:
                self._saw = _ignore  # and with it what was recorded

    def _run_once(
        self, fed: list[Any], held: list[Any], state: MutableMapping[str, np.ndarray[Any, Any]] | None
    ) -> dict[str, np.ndarray[Any, Any]]:
        plan = self.plan
        if self.record:  # what is seen must stay as it was, also when the caller's arrays change
            fed, held = [np.array(value) for value in fed], [np.array(value) for value in held]
            for number, value in zip((*plan.inputs.values(), *plan.state.values()), fed + held, strict=True):
                self._saw(number, value)
        with np.errstate(all="ignore"):  # infinities and NaN are values here: findings name them
            outputs, updates = self._run(fed, held)
            result = {name: np.array(value) for name, value in zip(plan.outputs, outputs, strict=True)}
            if state is not None:
                # All are taken before one is written: an update may be another slot's old value.
                taken = [
                    np.array(v) if n in self._borrowed else v
                    for n, v in zip(plan.updates.values(), updates, strict=True)
                ]
                for slot, value in zip(plan.updates, taken, strict=True):
                    if value is not state[slot]:
                        np.copyto(state[slot], value)
        return result

    def _read(self, slot: str, number: int, state: Mapping[str, np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
        aval = self.plan.avals[number]
        if slot not in state:
            raise RunError(f"the run reads the state {slot!r} {aval}, which is not there")
        value = state[slot]
        if value.shape != aval.shape or value.dtype != aval.dtype:
            raise RunError(f"the state {slot!r} must be {aval}, got {Aval(value.shape, value.dtype)}")
        return value

    def _feed(self, name: str, number: int, feeds: Mapping[str, Any]) -> np.ndarray[Any, Any]:
        aval = self.plan.avals[number]
        if name not in feeds:
            raise RunError(f"the run needs {name!r} {aval}, which is not fed")
        value = np.ascontiguousarray(feeds[name]).reshape(np.shape(feeds[name]))
        if value.shape != aval.shape or value.dtype != aval.dtype:
            raise RunError(f"{name!r} must be fed {aval}, got {Aval(value.shape, value.dtype)}")
        return value


def _ignore(number: int, value: Any) -> None:
    return None


def compile_text(text: str) -> Any:
    """The code object of generated text."""
    import builtins

    return builtins.compile(text, "<plan>", "exec", dont_inherit=True)


class _Writer:
    """Writes the text of a plan and keeps the namespace that it runs in."""

    def __init__(self, plan: Plan, layout: Layout, record: bool) -> None:
        self.plan = plan
        self.layout = layout
        self.record = record
        self.lines: dict[int, int] = {}
        self.names: dict[str, Any] = {"np": np}
        self.out: list[str] = []

    def namespace(self) -> dict[str, Any]:
        """Functions, parameters, constants and buffers, under the names that the text uses."""
        names = dict(self.names)
        names.update({f"v{number}": value for number, value in self.plan.constants.items()})
        names.update({f"v{number}": view for number, view in self.layout.views().items()})
        return names

    def text(self) -> str:
        """One function for each thousand steps, and `run`, which calls them."""
        if self.out:
            return "\n".join(self.out)
        steps = self.plan.steps
        parts = [(i, steps[i : i + PART]) for i in range(0, len(steps), PART)]
        for i, part in parts:
            self._part(i, part)
        given = [(f"feeds[{i}]", n) for i, n in enumerate(self.plan.inputs.values())]
        given += [(f"state[{i}]", n) for i, n in enumerate(self.plan.state.values())]
        self.out.append("def run(feeds, state):")
        if given:
            self.out.append("    global " + ", ".join(f"v{n}" for _, n in given))
            self.out += [f"    v{n} = {place}" for place, n in given]
        for slot, number in self.layout.in_place.items():
            at = list(self.plan.state).index(slot)
            self.out += [f"    global v{number}", f"    v{number} = state[{at}]"]
        self.out += [f"    part{i // PART}()" for i, _ in parts]
        outputs = ", ".join(f"v{n}" for n in self.plan.outputs.values())
        updates = ", ".join(f"v{n}" for n in self.plan.updates.values())
        self.out.append(f"    return ({outputs}{',' if outputs else ''}), ({updates}{',' if updates else ''})")
        return "\n".join(self.out)

    def _part(self, first: int, steps: tuple[Step, ...]) -> None:
        self.out.append(f"def part{first // PART}():")
        last = first + len(steps)
        made = {out for step in steps for out in step.outs if out not in self.layout.places}
        shared = {out for out in made if self.layout.last_use.get(out, -1) >= last}
        for index in range(first, last):
            shared.update(n for n in self._dying(index) if n not in made)
        if shared:
            self.out.append("    global " + ", ".join(f"v{n}" for n in sorted(shared)))
        for index, step in enumerate(steps, first):
            before = len(self.out)
            self._step(index, step)
            for line in range(before, len(self.out)):
                self.lines[line + 1] = index
        self.out.append("")

    def _step(self, index: int, step: Step) -> None:
        args = ["None" if a is None else f"v{a}" for a in step.args]
        target = f"v{step.outs[0]}" if step.outs[0] in self.layout.places else None
        if writes_into(step):
            self._ufunc(step, args, target)
        else:
            name = step.op.name if step.op.name.isidentifier() and step.op.name.isascii() else ""
            call = self._name(f"op_{name}", step.op.compute)
            params = f", **{self._name(f'p{index}', step.params)}" if step.params else ""
            outs = ", ".join(f"v{out}" for out in step.outs)
            self.out.append(f"    {outs} = {call}(np{''.join(', ' + a for a in args)}{params})")
        if self.record:
            self.out += [f"    saw({out}, v{out})" for out in step.outs]
        dying = [f"v{n}" for n in self._dying(index)]
        if dying:
            self.out.append(f"    del {', '.join(dying)}")

    def _dying(self, index: int) -> list[int]:
        """The values with memory of their own that are read for the last time at step `index`."""
        return [n for n in self.layout.dies_at.get(index, ()) if n not in self.layout.places]

    def _ufunc(self, step: Step, args: list[str], target: str | None) -> None:
        name, out = step.op.name, f"v{step.outs[0]}"
        into = f", out={target}" if target else ""
        set_ = "" if target else f"{out} = "
        call = self._name(f"np_{name}", FUNCTIONS[name])
        params = f", **{self._name(f'p{step.outs[0]}r', step.params)}" if step.params else ""
        first, rest = (args[:2], args[2:]) if name == "accumulate" else (args, [])
        self.out.append(f"    {set_}{call}({', '.join(first)}{params}{into})")
        self.out += [f"    {set_}{call}({out}, {arg}{into})" for arg in rest]

    def _name(self, name: str, value: Any) -> str:
        while self.names.setdefault(name, value) is not value:  # two ops of one name
            name += "_"
        return name
