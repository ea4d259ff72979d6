"""How the window looks: tokens, fonts, icons, colour maps and the one Theme all widgets ask.

Lives here: every colour literal and every size rule of the window. May not live here: widgets, panels,
models.
To add a colour: a field of `tokens.Tokens` for both themes; the contrast test judges it.
"""
