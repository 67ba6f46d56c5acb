"""Runs in the window: their list, their curves together, their graphs in a window, the trash.

Nothing of training is loaded before somebody looks at the list.
"""
