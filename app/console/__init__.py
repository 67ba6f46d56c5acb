"""The console: Python cells that run beside the window. Loaded when its dock is first seen."""
