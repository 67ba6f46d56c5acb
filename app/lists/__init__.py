"""Lists of rows: drawn, walked, and opened over the window."""
