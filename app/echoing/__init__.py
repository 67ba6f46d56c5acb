"""What is done in a window, told as the Python that would do it again: in the console, and in macros."""
