-- Как школа написала работу: рядом с городом, регионом, страной
select s.year, s.school_year, p.title_ru as procedure_title, b.title_ru as subject_title, s.grade,
    s.unit_id as org_id, o.short_name as school, o.municipality_name as municipality,
    s.participants, s.mark_2, s.mark_3, s.mark_4, s.mark_5,
    s.success_pct, town.success_pct as town_success_pct, region.success_pct as region_success_pct,
    country.success_pct as country_success_pct,
    s.quality_pct, s.quality_ci_low, s.quality_ci_high, town.quality_pct as town_quality_pct,
    region.quality_pct as region_quality_pct, country.quality_pct as country_quality_pct,
    s.mean_mark, s.completion_pct, town.completion_pct as town_completion_pct,
    region.completion_pct as region_completion_pct,
    s.journal_lower, s.journal_equal, s.journal_higher, s.small_base
from {mart}vpr_school s
join {mart}organisation o on o.year = s.year and o.org_id = s.unit_id
left join {mart}subject b on b.code = s.subject
left join {mart}procedure p on p.code = s.procedure
left join {mart}vpr_school town on town.year = s.year and town.level = 'municipality'
    and town.unit_id = o.municipality_id and town.subject = s.subject and town.grade = s.grade
left join (
    select year, subject, grade, max(success_pct) as success_pct, max(quality_pct) as quality_pct,
        max(completion_pct) as completion_pct
    from {mart}vpr_school where level = 'region' group by year, subject, grade having count(*) = 1
) region on region.year = s.year and region.subject = s.subject and region.grade = s.grade
left join {mart}vpr_school country on country.year = s.year and country.level = 'country'
    and country.subject = s.subject and country.grade = s.grade
where s.level = 'school'
