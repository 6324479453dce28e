"""What is wrong, in the words of the issue catalogue: refusals of files, findings in rows, questions of a year."""
