"""The tools of the field, each given the same equations, doses, people and instants."""
