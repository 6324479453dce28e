"""Sources that are declared whole: a module each holds the register, its measures and what a reader is told of them.

Every module here is a source; `TITLE` is what people call it.
"""
