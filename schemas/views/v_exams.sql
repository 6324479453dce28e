-- Экзамены школы рядом с городом, регионом и страной: ОГЭ, ЕГЭ, ГВЭ
with e as (
    select year, procedure, subject, grade, level, unit_id, participants, with_result, below_minimum, success_pct,
        success_ci_low, success_ci_high, quality_pct, mean_mark, cast(null as double precision) as mean_test, small_base
    from {mart}gia9
    union all
    select year, procedure, subject, grade, level, unit_id, participants, with_result, below_minimum, success_pct,
        success_ci_low, success_ci_high, quality_pct, mean_mark, mean_test, small_base
    from {mart}gia11
)
select e.year, p.title_ru as procedure_title, b.title_ru as subject_title, e.grade, e.unit_id as org_id,
    o.short_name as school, e.participants, e.with_result, e.below_minimum, e.success_pct, e.success_ci_low,
    e.success_ci_high, town.success_pct as town_success_pct, region.success_pct as region_success_pct,
    country.success_pct as country_success_pct, e.quality_pct, town.quality_pct as town_quality_pct,
    region.quality_pct as region_quality_pct, country.quality_pct as country_quality_pct, e.mean_mark, e.mean_test,
    town.mean_test as town_mean_test, region.mean_test as region_mean_test, country.mean_test as country_mean_test,
    town.with_result as town_with_result, region.with_result as region_with_result, e.small_base
from e
join {mart}organisation o on o.year = e.year and o.org_id = e.unit_id
left join e town on town.year = e.year and town.procedure = e.procedure and town.subject = e.subject
    and town.level = 'municipality' and town.unit_id = o.municipality_id
left join e region on region.year = e.year and region.procedure = e.procedure and region.subject = e.subject
    and region.level = 'region'
left join e country on country.year = e.year and country.procedure = e.procedure and country.subject = e.subject
    and country.level = 'country'
left join {mart}subject b on b.code = e.subject
left join {mart}procedure p on p.code = e.procedure
where e.level = 'school'
