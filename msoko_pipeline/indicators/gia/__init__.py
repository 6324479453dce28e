"""State exams: results, tasks, value added from ОГЭ to ЕГЭ."""
