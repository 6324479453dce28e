-- Какое правило предупреждало заранее: основания прошлого года у школ, ставших ШНОР
select k.year, k.org_id, o.short_name as school, before.title_ru as previous_category_title,
    r.rule, t.title_ru as rule_title, r.text_ru as said_a_year_before,
    case when r.rule is null then 'не предупреждало ни одно правило' else 'предупреждало' end as warning
from {mart}school_risk k
join {mart}organisation o on o.year = k.year and o.org_id = k.org_id
left join {mart}category before on before.code = k.previous_category
left join {mart}risk_reason r on r.year = k.year - 1 and r.org_id = k.org_id and r.about = 'category'
left join {mart}rule t on t.code = r.rule
where k.category = 'shnor' and k.previous_category is not null and k.previous_category <> 'shnor'
