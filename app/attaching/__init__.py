"""A script that runs elsewhere on this machine, seen in the window: its graph in the place of the document."""
