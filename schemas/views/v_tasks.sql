-- Выполнение заданий школой рядом с городом, словами
select t.year, p.title_ru as procedure_title, b.title_ru as subject_title, t.grade, t.unit_id as org_id,
    o.short_name as school, t.task, t.task_order, t.difficulty, t.skill, t.max_score, t.participants, t.completion_pct,
    t.completion_ci_low, t.completion_ci_high, t.town_completion_pct, st.title_ru as status_title, t.deficit,
    t.small_base
from {mart}vpr_task t
join {mart}organisation o on o.year = t.year and o.org_id = t.unit_id
left join {mart}subject b on b.code = t.subject
left join {mart}procedure p on p.code = t.procedure
left join {mart}task_status st on st.code = t.status
where t.level = 'school'
