"""What goes to those who send files and comes back: empty forms, hints, the dry run, the return workbook."""
