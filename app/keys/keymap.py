"""Which keys do what: the actions' own ones, a preset over them, and over both what the user has set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ..actions import ACTIONS, Action
from ..settings import Settings

Keys = tuple[str, ...]

# A preset says only what it has otherwise than the actions themselves: action id, then its keys, of which () is none.
PRESETS: Mapping[str, Mapping[str, Keys]] = {
    "Default": {},
    "Blender": {
        "edit.duplicate": ("Shift+D", "Ctrl+D"),
        "edit.select_all": ("A", "Ctrl+A"),
        "edit.select_none": ("Alt+A", "Ctrl+Shift+A"),
        "graph.connect_selected": ("F",),
        "graph.bypass": ("M",),
        "view.frame_all": ("Home",),
        "view.frame_selection": (".",),
        "help.palette": ("F3", "Ctrl+Shift+P", "Ctrl+K"),
        "step.derivative": ("Alt+D",),
    },
    "Nuke": {
        "edit.duplicate": ("Alt+C", "Ctrl+D"),
        "edit.select_linked": ("Shift+L",),
        "arrange.lay_out": ("L", "Ctrl+L"),
        "graph.bypass": ("D",),
        "graph.frame": ("Shift+B", "Ctrl+J"),
        "graph.view_value": ("1", "V"),
    },
    "ComfyUI": {
        "graph.bypass": ("Ctrl+B", "Ctrl+M"),
        "graph.collapse": ("Alt+C",),
        "graph.frame": ("Ctrl+G",),
        "graph.group": ("Ctrl+Shift+G",),
        "graph.ungroup": ("Alt+Shift+G",),
        "view.frame_all": ("Home",),
        "view.frame_selection": (".",),
    },
}


@dataclass(frozen=True)
class Keymap:
    """The keys of every action: of `changed` if the user has set them, else of the preset, else its own.

    A key that the user has given to an action is taken from all others that it would start as well: from those that
    were set earlier, and from presets. Nothing of that is written down, so that the others have it again when it is
    given up.
    """

    preset: str = "Default"
    changed: Mapping[str, Keys] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> Keymap:
        """The keymap that was chosen; what the settings hold of unknown presets or in other forms is left out."""
        preset = settings.get("keys/preset", "Default")
        changed = settings.get("keys/changed", {})
        kept = {id: tuple(map(str, keys)) for id, keys in changed.items() if isinstance(keys, list)}
        return cls(preset if preset in PRESETS else "Default", kept)

    def save(self, settings: Settings) -> None:
        """Remember it."""
        settings.set("keys/preset", self.preset)
        settings.set("keys/changed", {id: list(keys) for id, keys in self.changed.items()})

    def keys(self, action: Action) -> Keys:
        """The keys of an action, as Qt spells them."""
        taken = self._taken(action)
        return tuple(key for key in self.changed.get(action.id, self.preset_keys(action)) if key not in taken)

    def preset_keys(self, action: Action) -> Keys:
        """The keys of an action if the user had set none."""
        return PRESETS[self.preset].get(action.id, action.keys)

    def _taken(self, action: Action) -> set[str]:
        """What the user has given to other actions since this one was set."""
        given = list(self.changed)
        later = given[given.index(action.id) + 1 :] if action.id in self.changed else given
        return {key for id in later if overlap(_focus(id), action.focus) for key in self.changed[id]}

    def rebound(self, action: Action, keys: Keys) -> Keymap:
        """With these keys for an action, which others then no longer have."""
        changed = {id: old for id, old in self.changed.items() if id != action.id}
        if keys != replace(self, changed=changed).keys(action):
            changed[action.id] = keys  # behind the others: set last
        return replace(self, changed=changed)

    def restored(self, action: Action) -> Keymap:
        """With the preset's keys for an action; whatever the user has given them to loses them."""
        changed = {id: old for id, old in self.changed.items() if id != action.id}
        for other in ACTIONS:
            if other.id in changed and overlap(other.focus, action.focus):
                left = tuple(key for key in changed[other.id] if key not in self.preset_keys(action))
                if left != changed[other.id]:
                    changed[other.id] = left
                if left == self.preset_keys(other):
                    del changed[other.id]
        return replace(self, changed=changed)

    def users(self, key: str, focus: str, actions: Iterable[Action] = ACTIONS) -> list[Action]:
        """The actions that this key would start while `focus` has the keyboard."""
        return [action for action in actions if key in self.keys(action) and overlap(action.focus, focus)]

    def collisions(self, actions: Iterable[Action] = ACTIONS) -> list[str]:
        """A line for each key that would start two actions at once."""
        actions = tuple(actions)
        found = []
        for place, first in enumerate(actions):
            for second in actions[place + 1 :]:
                both = set(self.keys(first)) & set(self.keys(second))
                if overlap(first.focus, second.focus):
                    found += [f"{self.preset}: {key} starts {first.id} and {second.id}" for key in sorted(both)]
        return found


def _focus(id: str) -> str:
    action = ACTIONS.get(id)
    return "" if action is None else action.focus


def overlap(first: str, second: str) -> bool:
    """Whether keys of these two focuses can act at the same time: those of the window act everywhere."""
    return first == second or "window" in (first, second)
