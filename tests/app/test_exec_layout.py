"""What `gradwire exec --new` saves is laid out as a window would, unless the script says where things stand."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from gradwire.app.entry import main
from gradwire.core.session import Session

LOSSES = """
add("parameter", "w", shape=[2], value=[1.0, 2.0])
say("l1 = sum(w * w)")
say("l2 = mean(exp(-w))")
say("loss = l1 + 0.5 * l2")
"""


def saved(tmp_path: Path, text: str) -> Session:
    script, file = tmp_path / "build.py", tmp_path / "built.gw"
    script.write_text(text, "utf-8")
    assert main(["exec", str(script), str(file), "--new", "--save"]) == 0
    return Session.open(file)


def test_a_graph_of_which_the_script_says_no_places_is_laid_out(tmp_path: Path, qapp: QApplication) -> None:
    graph = saved(tmp_path, LOSSES).graph
    places = {node.name: node.position for node in graph.nodes.values()}
    for one, other in combinations(places.values(), 2):
        assert abs(one[0] - other[0]) > 100 or abs(one[1] - other[1]) > 60
    columns = [places[name][0] for name in ("w", "exp", "l2", "multiply_2", "loss")]
    assert columns == sorted(columns)
    assert not any(places["l1"][1] == places[name][1] for name in ("l2", "multiply_2"))  # its wire runs behind neither


@pytest.mark.parametrize(
    "text",
    [
        'add("exp", "x", at=(30, 40))\nadd("exp", "y", x="x")\n',
        'add("exp", "x")\nadd("exp", "y", x="x")\ng.x.at = (30, 40)\n',
        'with doc.transaction("Build") as t:\n    t.add("exp", name="x", position=(30, 40))\nadd("exp", "y")\n',
    ],
    ids=["at", "moved", "transaction"],
)
def test_where_a_script_has_put_a_node_it_stays(tmp_path: Path, text: str, qapp: QApplication) -> None:
    graph = saved(tmp_path, text).graph
    assert graph.item(graph.resolve("x")).position == (30, 40)
