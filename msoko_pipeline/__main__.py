"""`python -m msoko_pipeline` is `msoko`."""

from msoko_pipeline.cli import main

main(prog_name="msoko")
