"""The page that a window without a file shows."""
