"""Takes the inbox in: receive, recognise, validate; what waits, is taken back or must be made again."""

PRELOADED = ("msoko_pipeline.garbage", "msoko_pipeline.intake.preloaded")
"""What the process imports that readers are forked from."""
