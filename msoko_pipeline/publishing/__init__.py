"""From staged marts to the warehouse: judged by expectations, compared with what was there, published in one transaction."""
