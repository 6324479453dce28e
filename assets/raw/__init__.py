"""Raw layer: files as they came. Forbidden here: changing a value, dropping a row, guessing a position."""

from assets.raw.files import files, inbox

ASSETS = [inbox, files]
