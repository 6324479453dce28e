"""ВсОШ: participations, awards, coverage, signs."""
