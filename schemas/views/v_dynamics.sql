-- Динамика показателей школ за три года словами
select d.year, d.indicator_id, i.title_ru as indicator_title, i.unit, p.title_ru as procedure_title,
    b.title_ru as subject_title, nullif(d.grade, 0) as grade, d.unit_id as org_id, o.short_name as school, d.value, d.value_1, d.value_2,
    d.change_1, d.reference_1,
    d.relative_change_1, t.title_ru as trend_title, d.is_significant, d.is_comparable, d.small_base, d.not_judged
from {mart}dynamics_3y d
join {mart}indicator i on i.year = d.year and i.indicator_id = d.indicator_id
join {mart}organisation o on o.year = d.year and o.org_id = d.unit_id
left join {mart}subject b on b.code = d.subject and d.subject <> 'ALL'
left join {mart}procedure p on p.code = d.procedure
left join {mart}trend t on t.code = d.trend
where d.level = 'school'
