"""Where nodes go: tidied up, layered, beside one another."""
