-- Базовая и высокая подготовка школ по всем процедурам (пункт 2.4): русский язык и математика
select q.year, p.title_ru as procedure_title, b.title_ru as subject_title, q.procedure, q.subject, q.org_id,
    o.short_name as school, q.participants, 100.0 * q.base / q.participants as base_pct,
    100.0 * town.base / town.participants as town_base_pct, 100.0 * q.high / q.participants as high_pct,
    100.0 * town.high / town.participants as town_high_pct, q.high_means
from (
    select year, 'VPR' as procedure, subject, level, unit_id as org_id, sum(marked) as participants,
        sum(mark_3 + mark_4 + mark_5) as base, sum(mark_4 + mark_5) as high, '«4» и «5»' as high_means
    from {mart}vpr_school
    where subject in ('RU', 'MA') and marked > 0 and level in ('school', 'municipality')
    group by year, subject, level, unit_id
    union all
    select year, procedure, subject, level, unit_id, with_result, with_result - below_minimum, mark_5, '«5»'
    from {mart}gia9
    where procedure = 'OGE' and subject in ('RU', 'MA') and with_result > 0 and level in ('school', 'municipality')
    union all
    select year, procedure, subject, level, unit_id, with_result, with_result - below_minimum,
        case when subject = 'MB' then mark_5 else band_81_99 + band_100 end,
        case when subject = 'MB' then '«5»' else '81 балл и больше' end
    from {mart}gia11
    where procedure = 'EGE' and subject in ('RU', 'MA', 'MB') and with_result > 0
        and level in ('school', 'municipality')
) q
join {mart}organisation o on o.year = q.year and o.org_id = q.org_id
left join (
    select year, 'VPR' as procedure, subject, unit_id, sum(marked) as participants,
        sum(mark_3 + mark_4 + mark_5) as base, sum(mark_4 + mark_5) as high
    from {mart}vpr_school where level = 'municipality' and marked > 0 group by year, subject, unit_id
    union all
    select year, procedure, subject, unit_id, with_result, with_result - below_minimum, mark_5
    from {mart}gia9 where level = 'municipality' and with_result > 0
    union all
    select year, procedure, subject, unit_id, with_result, with_result - below_minimum,
        case when subject = 'MB' then mark_5 else band_81_99 + band_100 end
    from {mart}gia11 where level = 'municipality' and with_result > 0
) town on town.year = q.year and town.procedure = q.procedure and town.subject = q.subject
    and town.unit_id = o.municipality_id
left join {mart}subject b on b.code = q.subject
left join {mart}procedure p on p.code = q.procedure
where q.level = 'school'
