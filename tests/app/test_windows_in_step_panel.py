"""Steps of networks with images: where the window lies, what is multiplied there, and what goes back through it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from timelines import drawn, source_of, value
from windows import Place

from gradwire.app.panels.step import StepPanel
from gradwire.app.step_card.boxes import frames
from gradwire.app.step_card.card import WorkingCard
from gradwire.app.step_card.detail import Detail, detail_of
from gradwire.app.step_card.elements import number
from gradwire.app.step_card.reading import Reading, read
from gradwire.app.step_card.working import Working
from gradwire.app.window import Window
from gradwire.core.document import Document
from gradwire.core.evaluating import Asked, Evaluator
from gradwire.core.extend import Aval, Registry, Terms, builtin, op
from gradwire.core.session import Session
from gradwire.core.stepping import Cursor, Moment, Timeline, lay_out

pytestmark = pytest.mark.filterwarnings("ignore:path is deprecated:DeprecationWarning")  # by ziamath as it loads
IMAGES = np.random.default_rng(0).normal(size=(3, 2, 5, 5)).round(2)
KERNEL = np.random.default_rng(1).normal(size=(4, 2, 3, 3)).round(2)


@pytest.fixture
def panel(place: Place, qtbot: QtBot) -> tuple[Window, StepPanel]:
    """The network of digits, stepped through from its start."""
    window = place.start(place.copy("digits_cnn.gw"))
    window.resize(1500, 1000)
    window.show()
    panel = window.docks.show("step")
    assert isinstance(panel, StepPanel)
    window.editor.stepper.to_start()
    qtbot.waitUntil(lambda: window.editor.stepper.active)
    return window, panel


def go(window: Window, panel: StepPanel, qtbot: QtBot, title: str) -> None:
    """To the step with this title, read by the panel."""
    timeline = window.editor.stepper.timeline
    assert timeline is not None
    titles = [found.title for i in range(len(timeline.steps)) if (found := read(Moment(timeline, Cursor(i + 1))))]
    window.editor.stepper.seek(Cursor(titles.index(title) + 1))
    qtbot.waitUntil(lambda: panel.reading is not None and panel.reading.moment is window.editor.stepper.moment)


def shown(panel: StepPanel) -> list[WorkingCard]:
    return [card for card in panel.page.cards if card.isVisible()]


def told(card: WorkingCard) -> str:
    return f"{card.rule.text()}\n{card.numbers.text()}"


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def reading(timeline: Timeline, title: str) -> Reading:
    for index in range(len(timeline.steps)):
        found = read(Moment(timeline, Cursor(index + 1)))
        if found is not None and found.title == title:
            return found
    raise AssertionError(title)


def networks(**pool: Any) -> Timeline:
    """conv -> up -> avg -> mx -> the sum of sines."""

    def build(t: Any) -> None:
        w, b = value(t, "w", KERNEL.tolist()), value(t, "b", [0.1, 0.2, 0.3, 0.4])
        ports = {"x": value(t, "x", IMAGES.tolist()), "w": w, "bias": b}
        conv = t.add("conv2d", name="conv", inputs=ports, stride=2, padding=1)
        up = t.add("conv_transpose2d", name="up", inputs={"x": conv, "w": w}, stride=2)
        avg = t.add("avg_pool2d", name="avg", inputs={"x": up}, kernel_size=3, stride=2, padding=1)
        mx = t.add("max_pool2d", name="mx", inputs={"x": avg}, kernel_size=2, stride=1)
        t.add("sum", name="loss", inputs={"x": t.add("sin", inputs={"x": mx})})

    return drawn(build)


def details(working: Working, index: tuple[int, ...]) -> list[Detail]:
    """One after the other what is shown of the sum: channels, samples or windows."""
    assert working.element is not None
    told_ = working.element(index)
    first = detail_of(told_, working.array, "it", index, 0)
    assert first is not None
    rest = [detail_of(told_, working.array, "it", index, at) for at in range(1, first.number)]
    return [first, *(each for each in rest if each is not None)]


# The figures.

SUMS = [
    ("forward · conv (conv2d)", 0, 0.1),
    ("forward · up (conv_transpose2d)", 0, 0.0),
    ("backward · conv (conv2d)", 0, 0.0),
    ("backward · conv (conv2d)", 1, 0.0),
    ("backward · up (conv_transpose2d)", 0, 0.0),
    ("backward · up (conv_transpose2d)", 1, 0.0),
]


@pytest.mark.parametrize(("title", "which", "bias"), SUMS)
def test_the_products_in_the_cells_add_up_to_what_was_recorded(title: str, which: int, bias: float) -> None:
    working = reading(networks(), title).workings[which]
    for index in list(np.ndindex(working.array.shape))[::7]:
        plus = (index[1] + 1) * bias
        cells = [panel.plane for each in details(working, index) for panel in each.panels if "products" in panel.name]
        if cells:
            assert sum(float(plane.sum()) for plane in cells) + plus == pytest.approx(working.array[index], abs=1e-12)
        else:  # under no window
            assert working.array[index] == pytest.approx(plus)


def test_each_product_is_that_of_the_cells_beside_it() -> None:
    working = reading(networks(), "forward · conv (conv2d)").workings[0]
    for each in details(working, (1, 2, 0, 2)):
        picture, under, weights, products, result = each.panels
        assert np.array_equal(under.plane * weights.plane, products.plane)
        (frame,) = picture.frames
        assert (frame.row, frame.column, frame.rows, frame.columns) == (-1, 3, 3, 3)  # beyond the edge: padding
        assert under.void is not None
        assert np.array_equal(under.void[0], [True] * 3)
        assert np.all(under.plane[under.void] == 0)
        assert np.array_equal(picture.plane[0:2, 3:5], under.plane[1:, :2])
        assert result.lead == (1, 2)


def test_a_mean_is_told_as_a_sum_that_is_shared_out() -> None:
    timeline = networks()
    working = reading(timeline, "forward · avg (avg_pool2d)").workings[0]
    (shown_,) = details(working, (0, 0, 0, 0))
    assert shown_.panels[-1].sign == "Σ / 9 →"
    assert shown_.panels[1].plane.sum() / 9 == pytest.approx(working.array[0, 0, 0, 0])
    (line,) = working.told((0, 0, 0, 0))
    assert line.endswith(f") / 9 = {number(working.array[0, 0, 0, 0])}")
    back = reading(timeline, "backward · avg (avg_pool2d)").workings[0]
    index = tuple(int(i) for i in np.unravel_index(np.argmax(np.abs(back.array)), back.array.shape))
    assert back.told(index)[0].endswith(f"= {number(back.array[index])}")


@pytest.mark.parametrize(("name", "told_"), [("avg_pool2d", "(11 + 12 + 15 + 16) / 4 = 13.5"), ("max_pool2d", "= 16")])
def test_a_window_that_the_border_cuts_is_drawn_over_it_and_pools_what_is_within(name: str, told_: str) -> None:
    def build(t: Any) -> None:
        x = value(t, "x", np.arange(1.0, 17.0).reshape(1, 1, 4, 4).tolist())
        pool = t.add(name, name="pool", inputs={"x": x}, kernel_size=3, stride=2, ceil_mode=True)
        t.add("sum", name="loss", inputs={"x": pool})

    working = reading(drawn(build), f"forward · pool ({name})").workings[0]
    assert working.array.shape == (1, 1, 2, 2)
    assert told_ in working.told((0, 0, 1, 1))[0]
    (shown_,) = details(working, (0, 0, 1, 1))
    picture, under = shown_.panels[:2]
    (frame,) = picture.frames
    assert (frame.row, frame.column, frame.rows, frame.columns) == (2, 2, 3, 3)
    assert under.void is not None
    assert under.void.tolist() == [[False, False, True], [False, False, True], [True, True, True]]


def test_the_gradient_of_a_maximum_goes_to_the_winner() -> None:
    timeline = networks()
    working = reading(timeline, "backward · mx (max_pool2d)").workings[0]
    upstream = timeline.run.gradient(source_of(timeline, "mx"))
    assert upstream is not None
    for index in np.ndindex(working.array.shape):
        lines, sent = working.told(index), 0.0
        for each in details(working, index):
            own, window, g, _ = each.panels
            (winner,), (at,) = window.frames, g.frames
            assert window.plane[winner.row, winner.column] == window.plane.max()
            row, column = own.frames[0].row + winner.row, own.frames[0].column + winner.column
            won = (row, column) == index[-2:]
            sent += g.plane[at.row, at.column] if won else 0.0
            assert each.says.endswith("gets 0") == (not won)
        assert sent == pytest.approx(working.array[index])
        assert any("it is the greatest" in line for line in lines) == bool(working.array[index])


def test_an_embedding_names_the_row_that_was_picked_and_adds_what_repeats() -> None:
    def build(t: Any) -> None:
        words = t.add("input", name="words", shape=(3,), dtype="int64", value=[1, 0, 1])
        table = value(t, "table", [[1.0, 2.0], [3.0, 4.0]])
        found = t.add("embedding", name="emb", inputs={"indices": words, "table": table})
        weights = value(t, "weights", [[1.0, 1.0], [1.0, 1.0], [5.0, 7.0]])
        t.add("sum", name="loss", inputs={"x": t.add("multiply", inputs={"x": found, "y": weights})})

    timeline = drawn(build)
    forward = reading(timeline, "forward · emb (embedding)").workings[0]
    assert forward.told((2, 1)) == ["indices[2] = 1", "table[1, 1] = 4"]
    back = reading(timeline, "backward · emb (embedding)").workings[0]
    assert back.told((1, 1)) == ["g[0, 1] 1 + g[2, 1] 7 = 8"]


def test_the_gradient_of_a_bias_is_told_as_the_sum_over_images() -> None:
    timeline = networks()
    working = reading(timeline, "backward · conv (conv2d)").workings[2]
    (line,) = working.told((3,))
    assert line.endswith(f"(27 terms) = {number(working.array[3])}")


def normalised(op_name: str, ports: dict[str, Any]) -> Reading:
    def build(t: Any) -> None:
        inputs = {name: value(t, name, given) for name, given in ports.items()}
        t.add("sum", inputs={"x": t.add("sin", inputs={"x": t.add(op_name, name="it", inputs=inputs)})})

    return reading(drawn(build), f"forward · it ({op_name})")


def test_numbers_are_put_into_a_normalisation() -> None:
    x = [[1.0, 2.0], [3.0, 6.0]]
    found = normalised("batch_norm", {"x": x, "gamma": [1.0, 2.0], "beta": [0.0, 0.5]})
    assert found.workings[0].rule == "(x − μ) / √(σ² + ε) · γ + β"
    assert found.workings[0].told((1, 1)) == [
        "(6 − 4) / √(4 + 1e−5) · 2 + 0.5 = 2.5",
        "μ and σ² are those of channel 1 in this batch, 2 elements",
    ]
    found = normalised("layer_norm", {"x": x})
    assert found.workings[0].told((1, 0)) == [
        "(3 − 4.5) / √(2.25 + 1e−5) = −1",
        "μ and σ² are those of x[1, :], 2 elements",
    ]


def test_means_in_a_rule_are_put_in_as_numbers() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", [[1.0], [3.0], [8.0]])
        t.add("sum", inputs={"x": t.add("sin", inputs={"x": t.add("batch_norm", name="it", inputs={"x": x})})})

    working = reading(drawn(build), "backward · it (batch_norm)").workings[0]
    (line,) = working.told((0, 0))
    before, _, after = line.rpartition(" = ")
    assert after == number(working.array[0, 0])
    assert "mean" not in before
    typed = before.replace("−", "-").replace("·", "*")
    assert eval(typed) == pytest.approx(working.array[0, 0], rel=0.02)  # noqa: S307 - its digits are rounded


def test_the_gradient_of_a_normalisation_shows_what_is_taken_away_and_who_shares_it() -> None:
    def build(t: Any) -> None:
        ports = {"x": value(t, "x", [[1.0, 2.0], [3.0, 6.0], [8.0, 1.0]]), "gamma": value(t, "gamma", [2.0, -1.0])}
        t.add("sum", inputs={"x": t.add("sin", inputs={"x": t.add("batch_norm", name="it", inputs=ports)})})

    working = reading(drawn(build), "backward · it (batch_norm)").workings[0]
    told = [(term.sign, term.name, term.shape) for term in working.picture]
    assert told == [
        ("(", "g·γ", (3, 2)),
        ("−", "mean(g·γ)", (1, 2)),
        ("−", "x̂·mean(g·γ·x̂)", (3, 2)),
        (") ·", "1/√(σ²+ε)", (1, 2)),
        ("=", "dx", (3, 2)),
    ]
    assert any("is taken away" in line for line in working.says)  # in evaluation too: no running ones are wired
    marked = [len(frames(working, term, (1, 1))) for term in working.picture]
    assert marked == [3, 1, 1, 1, 1]  # all rows of the channel go into each of its gradients


@pytest.mark.parametrize("ports", [{}, {"gamma": [2.0, -1.0]}, {"gamma": [2.0, -1.0], "beta": [0.5, 3.0]}])
@pytest.mark.parametrize("op_name", ["batch_norm", "layer_norm"])
def test_the_picture_of_the_gradient_of_a_normalisation_is_a_true_equation_as_it_reads(
    op_name: str, ports: dict[str, Any]
) -> None:
    def build(t: Any) -> None:
        inputs = {name: value(t, name, each) for name, each in ports.items()}
        inputs["x"] = value(t, "x", [[1.0, 2.0], [3.0, 6.0], [8.0, 1.0]])
        t.add("sum", inputs={"x": t.add("sin", inputs={"x": t.add(op_name, name="it", inputs=inputs)})})

    picture = reading(drawn(build), f"backward · it ({op_name})").workings[0].picture
    text = " ".join(f"{term.sign} box{i}" for i, term in enumerate(picture))
    before, _, after = text.translate({ord("−"): "-", ord("·"): "*"}).partition("=")
    boxes = {f"box{i}": term.plane for i, term in enumerate(picture)}
    np.testing.assert_allclose(eval(before, boxes), boxes[after.strip()], rtol=1e-9)  # noqa: S307 - its own signs


def test_by_running_statistics_nothing_is_taken_away() -> None:
    def build(t: Any) -> None:
        ports = {name: value(t, name, [1.0]) for name in ("running_mean", "running_var")}
        ports["x"] = value(t, "x", [[1.0], [3.0]])
        t.add("sum", inputs={"x": t.add("batch_norm", name="it", inputs=ports, mode="eval")})

    working = reading(drawn(build), "backward · it (batch_norm)").workings[0]
    assert "mean(g)" not in [term.name for term in working.picture]


def test_a_normalisation_that_keeps_statistics_has_parts_and_says_where_they_would_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def build(t: Any, kept: bool) -> None:
        ports = {"x": value(t, "x", [[1.0], [3.0]])}
        for name in ("running_mean", "running_var") if kept else ():
            ports[name] = t.add("parameter", name=name, shape=(1,), init="ones")
        t.add("sum", inputs={"x": t.add("batch_norm", name="it", inputs=ports)})

    found = reading(drawn(lambda t: build(t, True)), "forward · it (batch_norm)")
    assert found.composite
    monkeypatch.setattr(builtin()["batch_norm"], "writing", None)
    assert not found.composite
    assert found.whole == "It is not shown as simpler ops: these would leave running_mean and running_var as is"
    found = reading(drawn(lambda t: build(t, False)), "forward · it (batch_norm)")
    assert found.composite
    assert found.whole == ""


def test_what_the_gradient_is_multiplied_by_stands_beside_it_with_its_shape() -> None:
    to_x, to_w, to_bias = reading(networks(), "backward · conv (conv2d)").workings
    boxes = [[(term.sign, term.name, term.shape) for term in each.picture] for each in (to_x, to_w, to_bias)]
    g, x, w = (3, 4, 3, 3), (3, 2, 5, 5), (4, 2, 3, 3)
    assert boxes == [
        [("", "upstream", g), ("·", "w", w), ("→", "dx", x)],
        [("", "upstream", g), ("·", "x", x), ("→", "dw", w)],
        [("", "upstream", g), ("→", "dbias", (4,))],
    ]


# An op of a stranger.


@op(formula=r"y_i = x_i x_{i+1}", category="test", samples=[((2, 6),)], promote="all", floating=True)
def differences(xp: Any, x: Any) -> Any:
    """Weighted neighbours: of each two columns the first, less twice the second."""
    return x[:, :-1] - 2 * x[:, 1:]


@differences.shape
def _(x: Aval) -> Aval:
    return Aval((x.shape[0], x.shape[1] - 1), x.dtype)


@differences.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (None,)


def _element_of_differences(index: Any, made: Any, x: Any) -> Terms:
    row, column = index
    return Terms({"x": np.array([[[row, column], [row, column + 1]]])}, over=np.array([[1, -0.5]]))


differences.element = _element_of_differences


def test_a_window_op_of_a_stranger_is_shown_as_well() -> None:
    registry = Registry([*builtin(), differences])
    document = Document(registry=registry)
    with document.transaction("Draw") as t:
        x = t.add("input", name="x", shape=(2, 6), value=np.arange(12.0).reshape(2, 6).tolist())
        t.add("differences", name="it", inputs={"x": x})
    run = Evaluator(registry).evaluate(Asked.of(Session(document)))
    assert run is not None
    working = reading(lay_out(run, registry), "forward · it (differences)").workings[0]
    assert working.told((1, 2)) == ["8 / 1 + 9 / (−0.5) = −10"]
    (found,) = details(working, (1, 2))
    picture, under, result = found.panels
    assert [tuple(frame[:4]) for frame in picture.frames] == [(1, 2, 1, 2)]
    assert under.plane.tolist() == [[8.0, 9.0]]
    assert result.plane[1, 2] == 8.0 - 2 * 9.0


# In the window.


def card_of(panel: StepPanel) -> WorkingCard:
    return shown(panel)[0]


def test_an_element_is_chosen_by_buttons_and_in_the_picture(panel: tuple[Window, StepPanel], qtbot: QtBot) -> None:
    window, step = panel
    go(window, step, qtbot, "forward · conv_2/conv2d (conv2d)")
    card = card_of(step)
    section = card.element
    working = card.working
    assert working is not None
    sample, channel, *_ = card.index
    click(section.lead.steppers[1].on)
    assert card.index[:2] == (sample, (channel + 1) % 32)
    assert told(card).endswith(f"= {number(working.array[card.index])}")
    click(section.through.on)
    assert section.through.text.text() == f"Σ over channel {section.through.at} of 0–15"
    assert section.part.text().startswith("Σ ")
    last = section.view.placed(section.view.width())[0][-1]
    point = QPoint(int(last.box.left() + 2), int(last.box.top() + 2))
    QTest.mouseClick(section.view, Qt.MouseButton.LeftButton, pos=point)
    assert card.index == (sample, (channel + 1) % 32, 0, 0)
    assert card.field.text() == f"{sample}, {(channel + 1) % 32}, 0, 0"


def test_panels_are_whole_in_a_narrow_card(panel: tuple[Window, StepPanel], qtbot: QtBot) -> None:
    window, step = panel
    go(window, step, qtbot, "backward · conv_2/conv2d (conv2d)")
    first, second, _ = shown(step)
    for card in (first, second):
        view = card.element.view
        assert view.isVisible()
        for each in view.placed(view.width())[0]:
            assert each.box.right() <= view.width()
            assert each.box.bottom() + view.fontMetrics().height() <= view.height()


def test_a_step_that_has_not_multiplied_shows_no_products(panel: tuple[Window, StepPanel], qtbot: QtBot) -> None:
    window, step = panel
    go(window, step, qtbot, "backward · pool_2 (max_pool2d)")
    at = window.editor.stepper.moment
    assert at is not None
    assert card_of(step).element.isVisible()
    window.editor.stepper.seek(Cursor(at.cursor.step - 1, 2))
    qtbot.waitUntil(lambda: step.reading is not None and step.reading.moment is window.editor.stepper.moment)
    assert not card_of(step).element.isVisible()


def test_axes_are_chosen_by_buttons(panel: tuple[Window, StepPanel], qtbot: QtBot) -> None:
    window, step = panel
    go(window, step, qtbot, "forward · conv_1/conv2d (conv2d)")
    card = card_of(step)
    assert [button.text() for button in card.ways.buttons] == ["sample × channel", "channel", "sample"]
    click(card.ways.buttons[1])
    assert card.picture.way == "1"
    assert [button.isChecked() for button in card.ways.buttons] == [False, True, False]


def test_of_elements_that_tie_the_first_is_told_to_come_first_and_nan_to_win() -> None:
    x = np.zeros((1, 1, 2, 2))
    x[0, 0, 1, 1] = -1.0

    def told_of(images: Any, index: tuple[int, ...]) -> list[str]:
        def build(t: Any) -> None:
            pooled = t.add("max_pool2d", name="mx", inputs={"x": value(t, "x", images.tolist())}, kernel_size=2)
            t.add("sum", name="loss", inputs={"x": pooled})

        return reading(drawn(build), "backward · mx (max_pool2d)").workings[0].told(index)

    assert "y[0, 0, 0, 0]: x[0, 0, 0, 0] = 0 is as great and comes first, so 0" in told_of(x, (0, 0, 0, 1))
    assert "y[0, 0, 0, 0]: x[0, 0, 0, 0] = 0 is greater, so 0" in told_of(x, (0, 0, 1, 1))
    x[0, 0, 0, 1] = np.nan
    assert "y[0, 0, 0, 0]: x[0, 0, 0, 1] = NaN wins, so 0" in told_of(x, (0, 0, 1, 1))
