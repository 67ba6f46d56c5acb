"""Colours, sizes, fonts and the style of widgets."""
