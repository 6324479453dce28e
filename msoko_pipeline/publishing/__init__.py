"""Staged marts into the warehouse: judged by expectations, compared with what was there, published as a whole."""
