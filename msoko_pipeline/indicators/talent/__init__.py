"""Registers of talents: contests, the bank of gifted pupils, shifts."""
