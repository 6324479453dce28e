"""Quality of preschools: scores, shares, changes."""
