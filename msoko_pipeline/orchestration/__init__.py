"""Everything that speaks Dagster, one module per concept of it. The rooms beside know nothing of Dagster."""
