"""The inbox, and the files of each reporting year. Forbidden here: changing a value, dropping a row, guessing."""

from msoko_pipeline.orchestration import ends

inbox = ends.inbox()
files = ends.year_files(deps=[inbox])
