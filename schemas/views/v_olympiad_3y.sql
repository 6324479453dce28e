-- ВсОШ за три года: участники, награды, охват школьным этапом
select n.year, st.title_ru as stage_title, l.title_ru as level_title, n.unit_id,
    coalesce(o.short_name, m.municipality_name) as unit_title,
    n.unique_pupils, b.unique_pupils as unique_pupils_1, c.unique_pupils as unique_pupils_2,
    n.participants, b.participants as participants_1, c.participants as participants_2,
    n.winners + n.prizewinners as awards, b.winners + b.prizewinners as awards_1, c.winners + c.prizewinners as awards_2,
    n.efficiency_pct, b.efficiency_pct as efficiency_pct_1, c.efficiency_pct as efficiency_pct_2,
    n.coverage_pct, b.coverage_pct as coverage_pct_1, c.coverage_pct as coverage_pct_2
from {mart}olympiad n
left join {mart}olympiad b on b.year = n.year - 1 and b.stage = n.stage and b.subject = n.subject
    and b.level = n.level and b.unit_id = n.unit_id
left join {mart}olympiad c on c.year = n.year - 2 and c.stage = n.stage and c.subject = n.subject
    and c.level = n.level and c.unit_id = n.unit_id
left join {mart}organisation o on n.level = 'school' and o.year = n.year and o.org_id = n.unit_id
left join (
    select year, municipality_id, max(municipality_name) as municipality_name
    from {mart}organisation group by year, municipality_id
) m on n.level = 'municipality' and m.year = n.year and m.municipality_id = n.unit_id
left join {mart}stage st on st.code = n.stage
left join {mart}level l on l.code = n.level
where n.subject = 'ALL'
