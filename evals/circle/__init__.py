"""The whole circle in one command: data from a teacher, a filter, a training, two engines that must agree.

    herdwick eval circle --out runs/circle

`settings` says what is asked for, `steps` what is done in which order, through the commands that a user
gives (`commands`) and servers (`servers`); `engines` asks the questions, `comparison` compares the answers,
`report` adds it all up.
"""
