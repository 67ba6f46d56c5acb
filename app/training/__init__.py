"""Training in the window: a run that is begun, polled and ended for one editor, and what is told of it.

`controller.py` is made with the editor and loads nothing of training before a run is asked for.
"""
