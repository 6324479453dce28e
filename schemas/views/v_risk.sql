-- Категории школ словами: что сейчас, что было, сколько оснований
select r.year, r.org_id, o.short_name as school, o.municipality_name as municipality, c.title_ru as category_title,
    before.title_ru as previous_category_title, m.title_ru as movement_title, s.title_ru as objectivity_title,
    r.shnor_probability_pct, r.is_borderline, r.shnsu, r.isbsh, r.low_procedures, r.judged_procedures, coalesce(n.reasons, 0) as reasons
from {mart}school_risk r
join {mart}organisation o on o.year = r.year and o.org_id = r.org_id
left join {mart}category c on c.code = r.category
left join {mart}category before on before.code = r.previous_category
left join {mart}movement m on m.code = r.movement
left join {mart}objectivity_status s on s.code = r.objectivity_status
left join (select year, org_id, count(*) as reasons from {mart}risk_reason group by year, org_id) n
    on n.year = r.year and n.org_id = r.org_id
