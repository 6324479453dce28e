"""From a file in the inbox to its cells as text: archive, guard, workbook, header, work. Nothing interprets them."""
