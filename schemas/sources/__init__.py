"""Sources that are declared whole: each module holds a register, its measures and their descriptions.

Every module here is a source; `TITLE` is what people call it.
"""
