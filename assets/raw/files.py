"""The inbox, and the files of each reporting year."""

from msoko_pipeline.orchestration import layers

inbox = layers.inbox()
files = layers.year_files(deps=[inbox])
