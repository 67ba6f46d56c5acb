"""The data of a graph, looked at: which set, its samples and classes, how it is split, how a table is read.

`reading` and what it asks run on a thread and know no widgets; `page` puts the widgets of the panel together.
"""
