"""Stepping in the window: where in an iteration one is, the bar that shows and moves it, and what the canvas draws."""
