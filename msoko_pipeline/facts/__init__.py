"""From the cells of a recognised sheet to typed facts: one module per kind of file."""
