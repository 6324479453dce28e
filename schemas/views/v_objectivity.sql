-- Возможные признаки необъективности словами: каждый требует проверки
select s.year, s.org_id, o.short_name as school, s.sign, s.title_ru as sign_title, p.title_ru as procedure_title,
    b.title_ru as subject_title, s.grade, s.value, s.threshold, s.basis_n, s.reference, s.chance_pct, s.is_evidence, s.detail
from {mart}objectivity_school s
join {mart}organisation o on o.year = s.year and o.org_id = s.org_id
left join {mart}subject b on b.code = s.subject
left join {mart}procedure p on p.code = s.procedure
where s.flagged
