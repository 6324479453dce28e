"""Which work, exam or stage of an olympiad a sheet holds."""
