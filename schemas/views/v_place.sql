-- Место школы среди сравнимых как промежуток: той же работы, того же города и тех же условий (ШНСУ или нет)
select s.year, b.title_ru as subject_title, s.subject, s.grade, s.org_id, s.school, s.is_shnsu, s.participants,
    s.quality_pct, s.quality_ci_low, s.quality_ci_high,
    1 + sum(case when other.quality_ci_low > s.quality_ci_high then 1 else 0 end) as place_from,
    count(*) - sum(case when other.quality_ci_high < s.quality_ci_low then 1 else 0 end) as place_to,
    count(*) as schools
from (
    select v.year, v.subject, v.grade, v.unit_id as org_id, o.short_name as school, o.municipality_id,
        coalesce(r.shnsu, false) as is_shnsu, v.participants, v.quality_pct, v.quality_ci_low, v.quality_ci_high
    from {mart}vpr_school v
    join {mart}organisation o on o.year = v.year and o.org_id = v.unit_id
    left join {mart}school_risk r on r.year = v.year and r.org_id = v.unit_id
    where v.level = 'school' and not v.small_base and v.quality_pct is not null
) s
join (
    select v.year, v.subject, v.grade, o.municipality_id, coalesce(r.shnsu, false) as is_shnsu, v.quality_ci_low,
        v.quality_ci_high
    from {mart}vpr_school v
    join {mart}organisation o on o.year = v.year and o.org_id = v.unit_id
    left join {mart}school_risk r on r.year = v.year and r.org_id = v.unit_id
    where v.level = 'school' and not v.small_base and v.quality_pct is not null
) other on other.year = s.year and other.subject = s.subject and other.grade = s.grade
    and other.municipality_id = s.municipality_id and other.is_shnsu = s.is_shnsu
left join {mart}subject b on b.code = s.subject
group by s.year, b.title_ru, s.subject, s.grade, s.org_id, s.school, s.is_shnsu, s.participants, s.quality_pct,
    s.quality_ci_low, s.quality_ci_high
