-- Выполнение заданий школой рядом с городом, словами
select t.year, p.title_ru as procedure_title, b.title_ru as subject_title, t.grade, t.unit_id as org_id,
    o.short_name as school, t.task, t.task_order, t.difficulty, t.skill, t.max_score, t.participants, t.completion_pct,
    town.completion_pct as town_completion_pct, st.title_ru as status_title, t.small_base
from {mart}vpr_task t
join {mart}organisation o on o.year = t.year and o.org_id = t.unit_id
left join {mart}subject b on b.code = t.subject
left join {mart}procedure p on p.code = t.procedure
left join {mart}task_status st on st.code = t.status
left join {mart}vpr_task town on town.year = t.year and town.cycle = t.cycle and town.procedure = t.procedure
    and town.level = 'municipality' and town.unit_id = o.municipality_id and town.subject = t.subject
    and town.grade = t.grade and town.task = t.task
where t.level = 'school'
