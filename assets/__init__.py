"""When and from what: the assets of each layer. Thin: one call each; how it is done lies in `msoko_pipeline`."""
