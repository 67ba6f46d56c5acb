"""`gradwire train FILE`: train, show how it goes, and keep what comes of it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ..errors import RunError
from ..evaluating.fitting import fit_missing
from ..evaluating.scoring import evaluate
from ..runs.record import SETTINGS
from ..session import Session
from ..training import checkpoint
from ..training.engine import Engine, Events
from ..training.folder import CHECKPOINTS
from ..training.length import misfits
from ..training.result import Result
from ..training.trainer import Settings, Trainer
from .alerting import Alerts
from .asked import add_asked, take_asked, write_asked
from .command import UNREADABLE, Command, CommandError, add_file, add_json, add_running, reading, sound
from .keeping import Folder
from .output import counted, json_line, one_line, tell
from .progress import Bar, epoch_line, metrics_text
from .stopping import STOPPED, stop_by_signal


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument("--epochs", type=int, metavar="N", help="how often to go through the data")
    parser.add_argument("--seed", type=int, metavar="S", help="of initial values, batches and dropout")
    add_running(parser)
    add_asked(parser)
    parser.add_argument(
        "--out",
        metavar="DIR",
        help="keep checkpoints, events.jsonl, the trained network and its evaluation.json in this folder",
    )
    parser.add_argument(
        "--resume",
        metavar="CHECKPOINT",
        help="go on from a checkpoint, or from the newest of a folder; without --out within that folder of a run",
    )
    parser.add_argument(
        "--tensorboard", metavar="DIR", help="write event files for TensorBoard into this folder (needs tensorboardX)"
    )
    parser.add_argument("--quiet", action="store_true", help="tell neither epochs nor alerts, only how it ends")
    add_json(parser)


def _execute(args: argparse.Namespace) -> int:
    before = take_asked(args)
    session = sound(args.file, args.dtype, args.device)
    resume = _checkpoint(Path(args.resume)) if args.resume is not None else None
    path = Path(args.out) if args.out is not None else _run_folder(args.resume, session)
    out = Folder(path, session) if path is not None else None
    settings = Settings(args.mode, args.epochs, args.seed, args.dtype, out.path if out else None, resume)
    fit_missing(session)
    with _reading_checkpoint(resume):
        trainer = session.trainer(settings)
    run = _Run(args, session, trainer, out, before)
    with ExitStack() as ends:
        ends.callback(run.bar.close)
        if out is not None:
            ends.callback(out.hold())
            write_asked(out.path, args)
        if args.tensorboard is not None:
            from ..runs.exporting import follow  # few runs are followed

            ends.callback(follow(Path(args.tensorboard), trainer, "tensorboard"))
        return run.run()


def _checkpoint(path: Path) -> Path:
    """The checkpoint that --resume means: a file, or the newest of a folder or of its `checkpoints`."""
    if not path.is_dir():
        return path
    inner = path / "checkpoints"
    found = checkpoint.newest(inner if inner.is_dir() else path)
    if found is None:
        raise CommandError(
            f"there is no checkpoint in {path} (a run with --out DIR writes DIR/checkpoints)",
            status=UNREADABLE,
        )
    return found


def _run_folder(resume: str | None, session: Session) -> Path | None:
    """The folder that a run goes on in: the one that --resume names, where a run with --out has written it."""
    if resume is None or session.path is None:
        return None
    path = Path(resume)
    # The folder of the graph itself is never written over, and a run of the window keeps its own log.
    own = path.resolve() == session.path.resolve().parent or (path / SETTINGS).exists()
    return path if (path / CHECKPOINTS).is_dir() and not own else None


def _reading_checkpoint(path: Path | None) -> Any:
    return reading(path or "")


def _data_told(facts: Mapping[str, Any]) -> str:
    """What is trained on: samples in batches, or what stands in the graph."""
    if not facts["samples"]:
        return "the values in the graph as data"
    samples = counted(facts["samples"], "sample")
    return f"{samples} and {facts['validation_samples']:,} held out, batch {facts['batch']}"


class _Run:
    """One run of training and all that is told of it."""

    def __init__(
        self,
        args: argparse.Namespace,
        session: Session,
        trainer: Trainer,
        out: Folder | None,
        before: Mapping[str, Any],
    ) -> None:
        self.args = args
        self.before = before  # what the run that it goes on with was asked for, and is not said again
        self.session = session
        self.trainer = trainer
        self.out = out
        self.bar = Bar(trainer)
        self.alerts = Alerts(trainer, self._alert, self._event)
        for event, handler in (
            (Events.STARTED, self._started),
            (Events.EPOCH_COMPLETED, self._epoch_completed),
        ):
            trainer.engine.add_event_handler(event, handler)

    def run(self) -> int:
        """Train to the end, or until Ctrl+C. Returns the exit status."""
        folder = self.trainer.folder
        for unfit in misfits(self.trainer.schedule, self.trainer.rhythm, self.trainer.training):
            tell(f"warning: {unfit}")
        if folder is None:
            tell("note: the trained values are not kept (--out DIR keeps them)")
        elif (aside := folder.begin()) is not None:
            tell(f"note: the checkpoints of an earlier run are now in {aside}")
        try:
            with stop_by_signal(self.trainer.engine):
                result = self.session.train(self.trainer)
        except RunError:
            if self.trainer.telling.not_finite is None:
                raise
            return self._not_finite()
        self.alerts.finish()
        self.bar.close()
        if self.trainer.engine.stopped:
            return self._stopped()
        self._completed(result)
        return 0

    # What is told.

    def _event(self, event: str, data: Mapping[str, Any]) -> None:
        line = json_line({"event": event, **data})
        if self.out is not None:
            self.out.log(line)
        if self.args.json:
            self.bar.say(line)

    def _say(self, line: str) -> None:
        if not self.args.json:
            self.bar.say(one_line(line))

    def _alert(self, line: str) -> None:
        if not self.args.quiet:
            self.bar.say(one_line(line), error=True)

    def _started(self, engine: Engine) -> None:
        facts = _facts(self.trainer)
        if self.out is not None:
            # A resumed run writes again what the checkpoint holds: the log is that of one run.
            rows = [{"event": "EPOCH_COMPLETED", **row} for row in self.trainer.history]
            start = {"event": "STARTED", **facts, "epoch": 0, "iteration": 0}
            self.out.start_log([json_line(data) for data in (start, *rows)])
        state = engine.state
        if self.args.json:
            line = {"event": "STARTED", **facts, "epoch": state.epoch, "iteration": state.iteration}
            self.bar.say(json_line(line))
        self._say(
            f"{self.args.file}: {counted(facts['parameters'], 'parameter')}, {_data_told(facts)},"
            f" seed {facts['seed']}, {facts['dtype']}, {facts['mode']}"
        )
        if state.iteration:
            broken = self.trainer.telling.not_finite
            all_the_same = "" if broken is None else f", though it is {broken}"
            self._say(f"going on after iteration {state.iteration} from {self.trainer.settings.resume}{all_the_same}")
            if self.before:
                told = " ".join(f"--{name} {value}" for name, value in self.before.items())
                self._say(f"asked for as when it began: {told}")
            if self.out is not None and self.args.out is None:
                self._say(f"what comes of it is kept in {self.out.path}")

    def _epoch_completed(self, engine: Engine) -> None:
        self._event("EPOCH_COMPLETED", engine.state.metrics)
        if not self.args.quiet:
            self._say(epoch_line(engine.state.metrics, engine.state.max_epochs))

    def _completed(self, result: Result) -> None:
        row = self.trainer.history[-1]
        saved = self._saved()
        iterations = counted(row["iteration"], "iteration")
        self._say(f"trained {counted(row['epoch'], 'epoch')}, {iterations}: {metrics_text(row)}")
        if result.stopped_early and self.trainer.stopping is not None:
            metric, best = self.trainer.stopping["metric"], result.best_epoch
            since = f"has not become better since epoch {best}" if best else "was never a number"
            self._say(f"stopped early: {metric} {since}")
        if self.trainer.best:
            self._say(f"the values are those of epoch {result.best_epoch}")
        if result.averaged:
            self._say("the values are averages over the course of training, of which validation is")
        if saved is not None:
            self._say(f"the trained network is {saved}")
        first = {name: row[name] for name in row if name.startswith("validation_")}
        beside = {} if self.trainer.stopping is None else {"best_epoch": result.best_epoch}
        self._event("COMPLETED", {**first, **row, **beside})

    def _saved(self) -> Path | None:
        """Where the trained network is kept, with what it is measured to be."""
        if self.out is None:
            return None
        saved = self.out.save()
        if self.trainer.data.samples:
            self.out.save_evaluation(json_line(evaluate(self.session, None, self.trainer.settings).to_json()))
        return saved

    def _not_finite(self) -> int:
        """The run has stopped by itself, or somebody who has seen that went on to its end."""
        self.alerts.finish()
        self.bar.close()
        broken, iteration = self.trainer.telling.not_finite, self.trainer.engine.state.iteration
        how, mend = "stopped" if self.trainer.engine.stopped else "ended", self.alerts.mend_of_loss
        told = f"{how} after iteration {iteration}: {broken}; the trained values are not taken"
        self._event("STOPPED", {"iteration": iteration, "message": str(broken), "mend": mend})
        if (path := self.trainer.save_checkpoint()) is not None:
            told += f", {path} has them"
        raise CommandError(told + (f" ({mend})" if mend else ""))

    def _stopped(self) -> int:
        iteration = self.trainer.engine.state.iteration
        if self.out is None:
            tell(f"gradwire: stopped after iteration {iteration}, nothing is kept (--out DIR keeps it)")
            return STOPPED
        path = self.trainer.save_checkpoint()
        self.out.log(json_line({"event": "STOPPED", "iteration": iteration}))
        hint = f"--resume {path} goes on from there"
        tell(f"gradwire: stopped after iteration {iteration}, kept in {path} ({hint})")
        return STOPPED


def _facts(trainer: Trainer) -> dict[str, Any]:
    """What a run is, in numbers."""
    return {
        "parameters": sum(trainer.state[id].size for id in trainer.step.trained),
        "samples": trainer.data.samples,
        "validation_samples": trainer.data.held_out,
        "epochs": trainer.training.epochs,
        "batch": trainer.training.batch,
        "mode": trainer.settings.mode,
        "dtype": trainer.dtype,
        "seed": trainer.training.seed,
    }


COMMAND = Command("train", "train a network", _add_arguments, _execute)
