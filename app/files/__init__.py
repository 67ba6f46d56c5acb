"""The file of a window: opened, kept, watched, offered again after a crash."""
