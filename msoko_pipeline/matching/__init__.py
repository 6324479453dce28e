"""Which school a file means: by login, code of РИС, ИНН, else by its name; sure matches are used, doubtful ones asked.

`match.match` is the pure function over a register; `resolve` applies it to the facts that name schools in a column
`org_ref` and keeps every decision in the table `org_match`.
"""
