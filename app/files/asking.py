"""The questions that block until they are answered: which file, and what becomes of unsaved work."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from ...core.files.importers import suffixes

KINDS = "Graphs (*.gw *.gwz)"
OPENED = "Graphs and pictures of graphs (*.gw *.gwz *.png)"
SAVED = "Graph (*.gw);;Graph with its values in one file (*.gwz)"


def ask_open(parent: QWidget, folder: Path) -> Path | None:
    """Which file to open, None: none."""
    name, _ = QFileDialog.getOpenFileName(parent, "Open", str(folder), OPENED)
    return Path(name) if name else None


def ask_save(parent: QWidget, proposed: Path) -> Path | None:
    """Where to save, with one of our suffixes, None: nowhere."""
    name, chosen = QFileDialog.getSaveFileName(parent, "Save as", str(proposed), SAVED)
    if not name:
        return None
    path = Path(name)
    if path.suffix.lower() not in (".gw", ".gwz"):
        path = path.with_name(path.name + (".gwz" if "gwz" in chosen else ".gw"))
        if path.exists() and not confirmed(parent, f"{path.name} exists already.", "Replace it"):
            return None
    return path


def ask_losing(parent: QWidget, name: str) -> str:
    """What becomes of unsaved edits: "save", "discard" or "cancel"."""
    box = QMessageBox(parent)
    box.setWindowTitle("Unsaved edits")
    box.setText(f"{name} has edits that are not saved.")
    save = box.addButton("Save", QMessageBox.ButtonRole.AcceptRole)
    discard = box.addButton("Discard", QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(save)
    box.setEscapeButton(cancel)
    box.exec()
    pressed = box.clickedButton()
    return "save" if pressed is save else "discard" if pressed is discard else "cancel"


def confirmed(parent: QWidget, text: str, yes: str) -> bool:
    """Whether the user says yes to what `text` tells; nothing is the default."""
    box = QMessageBox(parent)
    box.setWindowTitle("Gradwire")
    box.setText(text)
    accept = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    box.exec()
    return box.clickedButton() is accept


def ask_values(parent: QWidget, folder: Path) -> Path | None:
    """From which file values are to be loaded, None: none."""
    kinds = f"Values of networks ({' '.join(f'*{suffix}' for suffix in suffixes())})"
    name, _ = QFileDialog.getOpenFileName(parent, "Load values from", str(folder), kinds)
    return Path(name) if name else None


def ask_folder(parent: QWidget, title: str, folder: Path) -> Path | None:
    """Ask for a folder; None where there was no answer."""
    name = QFileDialog.getExistingDirectory(parent, title, str(folder))
    return Path(name) if name else None
