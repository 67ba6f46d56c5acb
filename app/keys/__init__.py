"""Which keys do what, how they are called, and the sheet that shows and changes them."""
