"""How words are compared: spellings, codes of organisations and subjects, dates, numbers, columns of text."""
