"""What of a home cannot be rebuilt, in one file, and a home made of it again."""
