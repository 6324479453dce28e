-- Школы ШНОР и зоны риска: результаты, кадры и курсы рядом с городом (пункт 4.7)
select r.year, r.org_id, o.short_name as school, c.title_ru as category_title, q.base_pct, before.base_pct as base_pct_1,
    town_q.base_pct as town_base_pct, q.high_pct, before.high_pct as high_pct_1, town_q.high_pct as town_high_pct,
    s.people as staff, s.category_pct, town_s.category_pct as town_category_pct, w.vacancy_pct,
    town_w.vacancy_pct as town_vacancy_pct, d.trained_pct, town_d.trained_pct as town_trained_pct, f.at_risk_pct,
    town_f.at_risk_pct as town_at_risk_pct
from {mart}school_risk r
join {mart}organisation o on o.year = r.year and o.org_id = r.org_id
left join {mart}category c on c.code = r.category
left join {mart}training_quality_indicators q on q.year = r.year and q.level = 'school' and q.unit_id = r.org_id
left join {mart}training_quality_indicators before
    on before.year = r.year - 1 and before.level = 'school' and before.unit_id = r.org_id
left join {mart}training_quality_indicators town_q
    on town_q.year = r.year and town_q.level = 'municipality' and town_q.unit_id = o.municipality_id
left join {mart}staff s on s.year = r.year and s.level = 'school' and s.unit_id = r.org_id and s.post = 'ALL'
    and s.discipline = 'ALL'
left join {mart}staff town_s on town_s.year = r.year and town_s.level = 'municipality'
    and town_s.unit_id = o.municipality_id and town_s.post = 'ALL' and town_s.discipline = 'ALL'
left join {mart}staff_plan w on w.year = r.year and w.level = 'school' and w.unit_id = r.org_id and w.post = 'ALL'
    and w.discipline = 'ALL'
left join {mart}staff_plan town_w on town_w.year = r.year and town_w.level = 'municipality'
    and town_w.unit_id = o.municipality_id and town_w.post = 'ALL' and town_w.discipline = 'ALL'
left join {mart}teacher_development d on d.year = r.year and d.level = 'school' and d.unit_id = r.org_id
    and d.post = 'ALL' and d.discipline = 'ALL'
left join {mart}teacher_development town_d on town_d.year = r.year and town_d.level = 'municipality'
    and town_d.unit_id = o.municipality_id and town_d.post = 'ALL' and town_d.discipline = 'ALL'
left join {mart}vsoko_prevention f on f.year = r.year and f.level = 'school' and f.unit_id = r.org_id
left join {mart}vsoko_prevention town_f
    on town_f.year = r.year and town_f.level = 'municipality' and town_f.unit_id = o.municipality_id
where r.category in ('shnor', 'risk_zone')
