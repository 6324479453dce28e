-- Качество дошкольного образования по садам: балл, уровень, год назад
select q.year, q.org_id, o.short_name as preschool, q.roadmap_item, q.area, q.title_ru as indicator_title, q.score,
    q.level_title, q.value, q.unit, q.previous_value, q.change, q.is_published, q.not_judged
from {mart}preschool_quality q
join {mart}organisation o on o.year = q.year and o.org_id = q.org_id
where q.unit_level = 'preschool'
