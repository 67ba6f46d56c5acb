"""Values of other networks in the window: what matches is shown and chosen before anything is loaded; a new head."""
