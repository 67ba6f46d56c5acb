"""The place of the window, which shows what `gradwire.core` computes; it imports `core`, never `plugins`."""
