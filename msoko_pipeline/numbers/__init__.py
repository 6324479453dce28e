"""Statistics: on arrays and as Narwhals expressions."""
