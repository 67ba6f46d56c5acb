"""Finding ops that fit and nodes that are there, by typed words."""
