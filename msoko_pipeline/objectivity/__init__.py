"""Signs that results may not be objective: one module per idea, each a pure function from frames to rows of signs.

What belongs here: the formulas of the signs and the status they make. Which signs there are, their thresholds and
sources are data (`schemas/layouts/risk/signs.yaml`). A sign is «возможный признак, требует проверки», never more.
"""
