-- Экзамены школы рядом с городом: ОГЭ, ЕГЭ, ГВЭ
select e.year, p.title_ru as procedure_title, b.title_ru as subject_title, e.grade, e.unit_id as org_id,
    o.short_name as school, e.participants, e.with_result, e.below_minimum, e.success_pct, e.success_ci_low,
    e.success_ci_high, town.success_pct as town_success_pct, e.quality_pct, town.quality_pct as town_quality_pct,
    e.mean_mark, e.mean_test, town.mean_test as town_mean_test, e.small_base
from (
    select year, procedure, subject, grade, level, unit_id, participants, with_result, below_minimum, success_pct,
        success_ci_low, success_ci_high, quality_pct, mean_mark, cast(null as double precision) as mean_test, small_base
    from {mart}gia9
    union all
    select year, procedure, subject, grade, level, unit_id, participants, with_result, below_minimum, success_pct,
        success_ci_low, success_ci_high, quality_pct, mean_mark, mean_test, small_base
    from {mart}gia11
) e
join {mart}organisation o on o.year = e.year and o.org_id = e.unit_id
left join (
    select year, procedure, subject, unit_id, success_pct, quality_pct, cast(null as double precision) as mean_test
    from {mart}gia9 where level = 'municipality'
    union all
    select year, procedure, subject, unit_id, success_pct, quality_pct, mean_test
    from {mart}gia11 where level = 'municipality'
) town on town.year = e.year and town.procedure = e.procedure and town.subject = e.subject
    and town.unit_id = o.municipality_id
left join {mart}subject b on b.code = e.subject
left join {mart}procedure p on p.code = e.procedure
where e.level = 'school'
