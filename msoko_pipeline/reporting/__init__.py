"""Pages, workbooks and documents for people, from the marts and the results of checks alone."""
