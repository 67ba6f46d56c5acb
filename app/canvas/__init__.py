"""The canvas: one widget over NumPy arrays that mirror what is shown of the document."""
