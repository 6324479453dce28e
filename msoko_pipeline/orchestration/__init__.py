"""Everything that uses Dagster, a module for each of its concepts. No other room imports Dagster."""
