"""What the inspector is made of: fields that fit what a parameter accepts, and a page for each kind of selection."""
