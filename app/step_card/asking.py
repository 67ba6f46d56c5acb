"""What a reader of a step asks for by a button: a check of one delivery, a gradient told in another way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ...core.stepping.checking import Check, check_delivery
from ..bridge import Request, Worker
from .accounts import WAYS, Account
from .accounts import split as split_of
from .card import WorkingCard
from .elements import Index
from .ledger import Ledger
from .reading import Reading

Take = Callable[[Any], None]


class Asking(QObject):
    """Asks beside the window, each card and each ledger on a thread of its own, and gives it the answer."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._workers: dict[QWidget, Worker] = {}

    def forget(self) -> None:
        """Another step is shown: no answer is waited for."""
        for worker in self._workers.values():
            worker.cancel()

    def _worker(self, name: str, asker: QWidget, take: Take, fail: Callable[[Exception], None]) -> Worker:
        """The thread of one widget, begun when it first asks."""
        if asker not in self._workers:
            worker = self._workers[asker] = Worker(name, self)
            worker.finished.connect(take)
            worker.failed.connect(fail)
        return self._workers[asker]

    def check(self, reading: Reading | None, card: WorkingCard) -> None:
        """Hold what a port delivers against a difference quotient, along the element that is told."""
        working, index = card.working, card.index
        if reading is None or working is None or working.delivery is None:
            return
        run, delivery = reading.moment.timeline.run, working.delivery
        card.result.show_words("checking …")

        def work(_: Request) -> tuple[Index, Check, str]:
            found = check_delivery(run, delivery, index)
            return index, found, found.text(run.asked.graph)

        def take(answer: tuple[Index, Check, str]) -> None:
            if card.index == answer[0]:
                card.result.show_check(*answer[1:])

        def fail(error: Exception) -> None:
            card.result.show_words(f"cannot be checked: {error}")

        self._worker("check", card, take, fail).ask(work)

    def split(self, reading: Reading | None, ledger: Ledger, way: str) -> None:
        """Tell a gradient by sample, by term or by path; by port nothing is waited for any more."""
        account = ledger.account
        if reading is None or account is None or way == WAYS[0]:
            if ledger in self._workers:
                self._workers[ledger].cancel()
            return
        timeline = reading.moment.timeline

        def work(request: Request) -> Account | None:
            return split_of(timeline, account.source, way, lambda: request.cancelled)

        def take(found: Account | None) -> None:
            if found is not None:
                ledger.show_split(found)

        def fail(error: Exception) -> None:
            ledger.show_refusal(str(error))

        self._worker("split", ledger, take, fail).ask(work)
