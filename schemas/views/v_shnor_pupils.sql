-- Сколько учеников учится в ШНОР по годам; учеников школы сообщает её социальный паспорт
select r.year, r.municipality_id, o.municipality_name as municipality, count(*) as schools,
    sum(case when r.category = 'shnor' then 1 else 0 end) as shnor_schools,
    count(p.pupils) as schools_with_pupils,
    sum(case when r.category = 'shnor' and p.pupils is not null then 1 else 0 end) as shnor_schools_with_pupils,
    sum(p.pupils) as pupils, sum(case when r.category = 'shnor' then p.pupils end) as shnor_pupils,
    case when sum(case when r.category = 'shnor' and p.pupils is null then 1 else 0 end) = 0
        then 100.0 * coalesce(sum(case when r.category = 'shnor' then p.pupils end), 0) / sum(p.pupils) end as shnor_pupils_pct
from {mart}school_risk r
join {mart}organisation o on o.year = r.year and o.org_id = r.org_id
left join (
    select year, org_id, max(denominator) as pupils
    from {mart}school_context where source = 'passport' and data_year = year group by year, org_id
) p on p.year = r.year and p.org_id = r.org_id
group by r.year, r.municipality_id, o.municipality_name
