"""How far do published numbers of the same thing lie apart, beyond sampling? All three assumed."""

BETWEEN_EFFECTS = 0.3
"""standard deviation of log effects between studies"""
BETWEEN_BASELINES = 0.7
"""standard deviation of log baselines between studies"""
READING = 0.03
"""of a share read off a figure: 3 points at best"""
