"""The card of an op: formula, rules, an example that is computed."""
