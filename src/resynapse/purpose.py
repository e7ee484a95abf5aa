"""What is a random number for? A fixed table: a number never changes its meaning."""

from enum import IntEnum


class Purpose(IntEnum):
    """The second word of a random key; append, never renumber."""

    STRESS = 1
    CUE = 2
    LAPSE = 3
    STOP = 4
    MEDICATION_STOP = 5
    DROPOUT = 6
    ATTENDANCE = 7
    GUESS = 8
    COMMITMENT = 9
    PERSISTENCE = 10
    FRAILTY = 11
    RELIABILITY = 12
    RECOVERY = 13
    MOOD = 14
    WEIGHT = 15
    AGE = 16
    SEX = 17
    KINETICS = 18
    DISSOCIATION = 20
    PRESSURE = 21
    CRAVING_SEVERITY = 22
    WITHDRAWAL_SEVERITY = 23
    GENOTYPE = 24
    INDUCTION = 26
    MEASUREMENT = 27
    PILOT = 28
    PARAMETERS = 29
    HEIGHT = 30
    MEDICATION = 31
    BENZODIAZEPINE = 32
    INCARCERATION = 33
    DEATH = 34
    DEATH_DAY = 35
