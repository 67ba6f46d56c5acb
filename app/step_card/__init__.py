"""How the step that a stepper stands at works: what is read of it, and the cards that show it."""
