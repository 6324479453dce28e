-- Августовский доклад: показатели города по разделам дорожной карты за три года, цель и тенденция
select v.year, i.section, i.roadmap_item, v.indicator_id, i.title_ru as indicator_title, i.unit,
    p.title_ru as procedure_title, b.title_ru as subject_title, nullif(v.grade, 0) as grade, v.unit_id as municipality_id,
    v.value, v.ci_low, v.ci_high, v.denominator, d.value_1, d.value_2, v.target,
    case when i.higher_is_better then v.value >= v.target when not i.higher_is_better then v.value <= v.target end
        as is_on_target,
    d.change_1, d.relative_change_1, t.title_ru as trend_title, v.small_base, d.not_judged
from {mart}indicator_value v
join {mart}indicator i on i.year = v.year and i.indicator_id = v.indicator_id
left join {mart}dynamics_3y d on d.year = v.year and d.level = v.level and d.unit_id = v.unit_id
    and d.indicator_id = v.indicator_id and d.procedure = v.procedure and d.subject = v.subject and d.grade = v.grade
left join {mart}subject b on b.code = v.subject and v.subject <> 'ALL'
left join {mart}procedure p on p.code = v.procedure and v.procedure <> 'ALL'
left join {mart}trend t on t.code = d.trend
where v.level = 'municipality'
