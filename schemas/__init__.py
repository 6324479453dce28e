"""What the data is: pandera models per kind of file and per published table, and the layouts beside them.

From these declarations come validation, the SQL tables, Dagster's column metadata and docs/dictionary.md.
Nothing of ours is imported here.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
