"""Validated facts as Parquet, one folder per kind and reporting year, and the ledger of the files they came from."""
