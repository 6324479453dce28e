-- Основания категорий и статусов: правило, школа и предложение
select r.year, r.org_id, o.short_name as school, c.title_ru as category_title, r.reason_no, r.about, r.rule,
    coalesce(t.title_ru, r.rule) as rule_title, b.title_ru as subject_title, r.grade, r.value, r.threshold, r.basis_n,
    r.text_ru, r.source, r.verified
from {mart}risk_reason r
join {mart}organisation o on o.year = r.year and o.org_id = r.org_id
left join {mart}school_risk k on k.year = r.year and k.org_id = r.org_id
left join {mart}category c on c.code = k.category
left join {mart}rule t on t.code = r.rule
left join {mart}subject b on b.code = r.subject
