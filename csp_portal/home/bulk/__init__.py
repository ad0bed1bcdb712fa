"""
Commands for many rows of a list: asked, priced, confirmed, carried out. See decisions/0016.

`sources` say which rows a list's address finds, `commands` what can be done to them, `runs`
keep what was asked, and `carrying` does it, row after row.
"""
