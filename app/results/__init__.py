"""What is known of a document while it is edited: its problems, its values, and whether they still hold."""
