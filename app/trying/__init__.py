"""Trying an input of one's own: what suits the data of a graph, what is predicted of it, and the graph lit by it."""
