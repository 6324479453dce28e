"""Pages about the pipeline itself: the dictionary, the methodology."""
