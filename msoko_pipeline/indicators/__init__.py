"""Every ministry formula, written once in Narwhals: `sums` pass over pupils, the formulas over the small sums table."""
