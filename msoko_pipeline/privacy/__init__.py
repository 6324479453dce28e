"""Who is named: names in a text by morphology, documents and contacts by sight, and what may be repeated of a cell.

What belongs here: texts in, texts out. Not here: which columns a layout keeps (`reading.persons`).
"""
