-- Полнота: какие работы положено прислать, какие пришли, какие опаздывают
select c.year, c.school_year, c.org_id, o.short_name as organisation, o.municipality_name as municipality,
    c.procedure, p.title_ru as procedure_title, c.grade, c.subjects, s.title_ru as subject_title, c.expected, c.received,
    t.title_ru as status_title, c.status, c.starts, c.ends, c.deadline, c.received_on, c.is_late
from {mart}completeness c
join {mart}organisation o on o.year = c.year and o.org_id = c.org_id
left join {mart}procedure p on p.code = c.procedure
left join {mart}subject s on s.code = c.subject
left join {mart}completeness_status t on t.code = c.status
