"""How little room a bar has: at each level it leaves out more."""

LEVELS = range(5)  # 0: there is room for all
SHORT, TIGHT, BARE = 1, 2, 3  # from which on words, then names and speed, then what there are keys for are left out
