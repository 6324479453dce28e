"""Judges typed rows: accepted to the lake, refused to quarantine with every reason; nothing is dropped in silence."""
