"""What stands around the canvas and over it."""
