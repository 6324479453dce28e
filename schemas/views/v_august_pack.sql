-- Августовский доклад: показатели города по разделам дорожной карты за три года, цель и тенденция
select a.year, a.section, a.roadmap_item, a.indicator_id, i.title_ru as indicator_title, i.unit,
    p.title_ru as procedure_title, b.title_ru as subject_title, nullif(a.grade, 0) as grade, a.unit_id as municipality_id,
    a.value, a.ci_low, a.ci_high, a.denominator, a.value_1, a.value_2, a.target, a.is_on_target,
    a.change_1, a.relative_change_1, t.title_ru as trend_title, a.small_base, a.not_judged
from {mart}august_pack a
join {mart}indicator i on i.year = a.year and i.indicator_id = a.indicator_id
left join {mart}subject b on b.code = a.subject and a.subject <> 'ALL'
left join {mart}procedure p on p.code = a.procedure and a.procedure <> 'ALL'
left join {mart}trend t on t.code = a.trend
where a.level = 'municipality'
