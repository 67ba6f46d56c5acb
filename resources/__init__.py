"""What the program ships with that is not its code, and the script that sets it up and checks it."""
