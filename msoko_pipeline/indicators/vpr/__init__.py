"""ВПР: sums over pupils, the formulas over the sums, tasks, reports beside individual rows."""
