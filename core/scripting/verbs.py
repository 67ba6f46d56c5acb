"""What all verbs of a script have in common: the document that they are about."""

from __future__ import annotations

from .workspace import Workspace


class Verbs:
    """Some verbs of one document."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def __repr__(self) -> str:
        return repr(self._workspace.session)
