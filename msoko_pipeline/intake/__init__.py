"""Takes the inbox in: receive, recognise, validate; what waits, is taken back or must be made again."""
