"""Marts of declared registers: counts, totals, shares."""
