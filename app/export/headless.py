"""A still of a session that no canvas shows: what a window would show of it once all is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...core.cancelling import never
from ...core.evaluating import Asked, Evaluator, Root
from ...core.session import Session
from ...core.stepping import Moment, Timeline, lay_out
from ..canvas.scene import Scene
from ..layout.arranging import layout_of, put
from ..layout.heaps import is_heap, laid_out
from ..look.theme import LIGHT, Theme
from ..results.findings import holds_many
from ..results.origin import origin
from .still import Results, Still, shown_sources, told_at

if TYPE_CHECKING:
    from ...core.diagnosing import Finding


def lay_out_all(session: Session) -> None:
    """Give the nodes of a session the places that a layout of all gives them in a window."""
    checked = session.check()
    bare = Still(session.graph, session.registry, None, checked.shapes, checked.problems, Results({}, {}), LIGHT)
    scene = Scene(bare)
    with session.document.transaction("Lay out the graph") as t:
        put(t, layout_of(session.graph, {id: scene.item(id) for id in scene.visible}))


def at_rest(session: Session, theme: Theme, roots: Sequence[Root] = ()) -> Still:
    """All values and gradients of a session's graph, as far as they can be computed."""
    run = Evaluator(session.registry).evaluate(Asked.of(session, *roots))
    assert run is not None, "nothing cancels it"
    return _still(session, theme, lay_out(run, session.registry))


def stepped(session: Session, theme: Theme, timeline: Timeline) -> Still:
    """A session's graph at the end of an iteration that is stepped through."""
    still = _still(session, theme, timeline)
    return still.at(Moment(timeline, timeline.end))


def _still(session: Session, theme: Theme, timeline: Timeline) -> Still:
    checked, run = session.check(), timeline.run
    results = Results({}, run.failures, origin(run, session.registry))
    bare = Still(session.graph, session.registry, None, checked.shapes, checked.problems, results, theme)
    scene = Scene(bare)
    if is_heap(session.graph):
        shown = {id: scene.item(id) for id in scene.visible}
        bare = replace(bare, graph=laid_out(session.graph, session.registry, shown))
    end = Moment(timeline, timeline.end)
    told = {source: told_at(end, source)._replace(error=run.errors.get(source.node)) for source in shown_sources(scene)}
    return replace(bare, live=replace(results, told=told), findings=_findings(timeline))


def _findings(timeline: Timeline) -> tuple[Finding, ...]:
    """What a canvas would tell of it in badges: of what is very large nothing unasked."""
    from ...core.diagnosing import diagnose

    return () if holds_many(timeline) else diagnose(timeline, never) or ()
