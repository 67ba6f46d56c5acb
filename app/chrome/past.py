"""What an undo would take back, told as done: `Connected x to sin.x` of `Connect x to sin.x`."""

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
}


def in_past(label: str) -> str:
    """The label of an edit, which begins with what is done, in the past."""
    verb, *rest = label.split(" ")
    if len(rest) > 1 and rest[0] == "and" and rest[1].isalpha():  # Delete and reconnect relu
        rest[1] = _past(rest[1])
    return " ".join([_past(verb), *rest])


def _past(verb: str) -> str:
    return _OWN.get(verb) or verb + ("d" if verb.endswith("e") else "ed")
