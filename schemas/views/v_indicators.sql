-- Показатели дорожной карты словами: значение, граница, прошлый цикл
select v.year, i.section, i.roadmap_item, v.indicator_id, i.title_ru as indicator_title, i.unit,
    p.title_ru as procedure_title, b.title_ru as subject_title, nullif(v.grade, 0) as grade, l.title_ru as level_title, v.unit_id,
    coalesce(o.short_name, m.municipality_name) as unit_title, v.value, v.ci_low, v.ci_high, v.numerator, v.denominator,
    v.previous_year, v.previous_value, v.change, v.target, i.higher_is_better, v.small_base,
    v.has_incomplete_marks, v.has_incomplete_previous_marks
from {mart}indicator_value v
join {mart}indicator i on i.year = v.year and i.indicator_id = v.indicator_id
left join {mart}organisation o on v.level = 'school' and o.year = v.year and o.org_id = v.unit_id
left join (
    select year, municipality_id, max(municipality_name) as municipality_name
    from {mart}organisation group by year, municipality_id
) m on v.level = 'municipality' and m.year = v.year and m.municipality_id = v.unit_id
left join {mart}level l on l.code = v.level
left join {mart}subject b on b.code = v.subject and v.subject <> 'ALL'
left join {mart}procedure p on p.code = v.procedure
