-- ВПР 8 класса и ОГЭ через год по предметам: та же параллель (выбравшие экзамен), разные работы
select e.year, e.unit_id as org_id, o.short_name as school, e.subject, b.title_ru as subject_title,
    v.year as vpr_year, v.participants as vpr_participants, v.marked as vpr_marked, v.success_pct as vpr_success_pct,
    v.quality_pct as vpr_quality_pct, v.quality_ci_low as vpr_quality_ci_low, v.quality_ci_high as vpr_quality_ci_high,
    e.with_result as oge_participants, e.success_pct as oge_success_pct, e.quality_pct as oge_quality_pct,
    e.quality_ci_low as oge_quality_ci_low, e.quality_ci_high as oge_quality_ci_high,
    e.quality_pct - v.quality_pct as quality_difference,
    e.quality_ci_low > v.quality_ci_high or e.quality_ci_high < v.quality_ci_low as is_apart,
    town.quality_pct - town_vpr.quality_pct as town_quality_difference, v.small_base as vpr_small_base,
    e.small_base as oge_small_base
from {mart}gia9 e
join {mart}organisation o on o.year = e.year and o.org_id = e.unit_id
join {mart}vpr_school v on v.year = e.year - 1 and v.level = 'school' and v.unit_id = e.unit_id
    and v.subject = e.subject and v.grade = 8
left join {mart}subject b on b.code = e.subject
left join {mart}gia9 town on town.year = e.year and town.procedure = e.procedure and town.subject = e.subject
    and town.level = 'municipality' and town.unit_id = o.municipality_id
left join {mart}vpr_school town_vpr on town_vpr.year = e.year - 1 and town_vpr.level = 'municipality'
    and town_vpr.unit_id = o.municipality_id and town_vpr.subject = e.subject and town_vpr.grade = 8
where e.procedure = 'OGE' and e.level = 'school'
