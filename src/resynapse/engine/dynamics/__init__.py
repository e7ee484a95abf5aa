"""Plain differential equations with exact linear kinetics, and one point process if need be."""
