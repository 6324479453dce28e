"""Indicators as rows: values, changes, dynamics."""
