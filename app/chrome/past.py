"""What an undo would take back, told as done: `Connected x to sin.x` of `Connect x to sin.x`.

Only of the program's own verbs: a macro or a block of edits may be called anything.
"""

from __future__ import annotations

_OWN = {  # verbs of labels that take no plain ending
    "Cut": "Cut",
    "Set": "Set",
    "Lay": "Laid",
    "Freeze": "Froze",
    "Keep": "Kept",
    "Let": "Let",
    "Unfreeze": "Unfroze",
    "Stop": "Stopped",
    "Put": "Put",
    "Take": "Took",
    "Make": "Made",
    "Write": "Wrote",
    "Hold": "Held",
    "Run": "Ran",
}
_REGULAR = """
    Add Align Apply Average Bend Bypass Change Collapse Compute Connect Convert Delete Detach Disconnect Distribute
    Duplicate Edit Enable Expand Fuse Group Insert Load Measure Mend Move Nudge Open Paste Pull Reattach Recover
    Reconnect Reinitialise Remove Rename Replace Reroute Reset Restore Revert Save Share Straighten Train Transfer
    Ungroup
"""
_PLAIN = frozenset(_REGULAR.split())


def in_past(label: str) -> str:
    """The label of an edit, which begins with what is done, in the past."""
    verb, *rest = label.split(" ")
    if len(rest) > 1 and rest[0] == "and" and rest[1].isalpha():  # Delete and reconnect relu
        rest[1] = _past(rest[1])
    return " ".join([_past(verb), *rest])


def _past(verb: str) -> str:
    if verb.capitalize() not in _PLAIN:
        return _OWN.get(verb, verb)
    return verb + ("d" if verb.endswith("e") else "ed")
