"""Staged marts into the warehouse: judged by expectations, compared with what was there, published whole or not at all."""
