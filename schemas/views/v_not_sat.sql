-- Кто не писал обязательную ВПР: в этом году в параллели писали другую работу, или год назад она была классом младше
select e.year, e.org_id, o.short_name as school, o.municipality_name as municipality, e.subject,
    b.title_ru as subject_title, e.grade, max(e.because) as because
from (
    select v.year, v.unit_id as org_id, w.subject, v.grade, 'в этом году параллель писала другие работы' as because
    from {mart}vpr_school v
    join ({obligatory}) w on v.year between w.first_year and w.last_year and w.grade = v.grade
    where v.level = 'school'
    union all
    select v.year + 1, v.unit_id, w.subject, w.grade, 'год назад эта параллель писала работы классом младше'
    from {mart}vpr_school v
    join ({obligatory}) w on v.year + 1 between w.first_year and w.last_year and w.grade = v.grade + 1
    where v.level = 'school' and v.year + 1 in (select year from {mart}vpr_school)
) e
join {mart}organisation o on o.year = e.year and o.org_id = e.org_id
left join {mart}subject b on b.code = e.subject
where not exists (
    select 1 from {mart}vpr_school v
    where v.year = e.year and v.level = 'school' and v.unit_id = e.org_id and v.grade = e.grade
        and (v.subject = e.subject or (v.subject = 'MU' and e.subject = 'MA'))
)
group by e.year, e.org_id, o.short_name, o.municipality_name, e.subject, b.title_ru, e.grade
