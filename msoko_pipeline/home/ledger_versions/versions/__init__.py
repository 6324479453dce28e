"""One module for each version of the ledger: what it adds to the one before. None is changed once it is published."""
