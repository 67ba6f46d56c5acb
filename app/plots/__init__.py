"""Plots of training: curves, ribbons, confusion, decision surfaces; widgets on plain arrays.

Who shows them makes a `PlotsView` (`view.py`), which loads pyqtgraph when it is first seen. `data.py` says what plots
are given, and needs neither Qt nor pyqtgraph.
"""
