-- Что не так с файлами: школа, файл, место и что сделать
select i.year, i.org_id, o.short_name as school, i.name as file_name, s.title_ru as file_status_title, i.sheet, i."row" as row_no,
    i."column" as column_title, i.severity, i.responsibility, i.message_ru
from {ops}issue i
left join {ops}file f on f.sha256 = i.sha256
left join {mart}file_status s on s.code = f.status
left join {mart}organisation o on o.year = i.year and o.org_id = i.org_id
