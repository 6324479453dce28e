"""Organisations of the years, their logins, their pupils."""
