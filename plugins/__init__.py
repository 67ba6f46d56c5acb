"""Plugins that ship with Gradwire, one folder each; a plugin uses only what `gradwire.core.extend` offers."""
