"""What PyTorch computes for the cases of every op (op_cases.py): a file of plain numbers for each family.

    .venv/bin/python tests/make_op_numbers.py [FAMILY …]

writes them to `tests/op_numbers`; tests compare with them wherever they run, and only this script needs PyTorch.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from op_cases import ALL, FOLDER, cases, family, pytorch

from gradwire.core.op import Op


def plain(op: Op) -> dict[str, Any]:
    """The numbers of an op's cases, as JSON has them (with NaN and Infinity, which Python reads)."""
    found = {}
    for case in cases(op):
        quantities = {name: [array.tolist() for array in arrays] for name, arrays in pytorch(case).items()}
        found[case.key] = {"of": case.of, **quantities}
    return found


def write(name: str) -> None:
    """The file of a family: one case a line, so that a difference shows which one."""
    numbers = {key: value for op in ALL.values() if family(op) == name for key, value in plain(op).items()}
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in numbers.items()]
    (FOLDER / f"{name}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


if __name__ == "__main__":
    for wanted in sys.argv[1:] or sorted({family(op) for op in ALL.values()}):
        write(wanted)
