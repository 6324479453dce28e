"""The management cycle of the years: the items of the roadmap as they stand, the components of each system."""
