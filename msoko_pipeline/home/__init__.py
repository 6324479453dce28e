"""Every file of the home: the ledger, facts, tables of a year, DuckDB over them, which facts hold."""
