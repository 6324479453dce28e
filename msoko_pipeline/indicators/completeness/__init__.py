"""What the assessment calendar expects of every organisation, and what has come."""
