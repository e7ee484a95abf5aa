"""How many people does a first trial of one arm need, and when does it stop?"""

from typing import Annotated

import typer

from resynapse.cli.design.commands import app
from resynapse.cli.design.options import AsJson, told


@app.command()
def simon(
    p0: Annotated[float, typer.Option("--p0", help="Rate of response that is not worth it.")],
    p1: Annotated[float, typer.Option("--p1", help="Rate that is worth finding, above p0.")],
    alpha: Annotated[float, typer.Option(help="Type I error at p0, of one side.")] = 0.05,
    power: Annotated[float, typer.Option(help="Probability at p1 of being promising.")] = 0.8,
    as_json: AsJson = False,
) -> None:
    """One arm in two stages, exact: Simon's optimal and minimax designs.

    The first stage stops a treatment to which too few respond; nothing stops early for success.
    """
    from resynapse.trial.design.two_stage import simon as design

    found = design(p0, p1, alpha, power).as_dict()
    told(found | {"formula": FORMULA, "source": SOURCE}, as_json, LABELS)


FORMULA = (
    "promising where X1 > r1 and X1 + X2 > r, X1 ~ Binomial(n1, p), X2 ~ Binomial(n - n1, p); "
    "people on average = n1 + P(X1 > r1) (n - n1)"
)
SOURCE = "Simon 1989"
PARTS = {
    "n1": "people of the first stage",
    "r1": "stop with so many responders of them, or fewer",
    "n": "people at most",
    "r": "promising with more responders in all than",
    "expected_n": "people on average at p0",
    "stops_early": "probability of the stop at p0",
    "stops_early_p1": "probability of the stop at p1",
    "type_1_error": "type I error",
    "power": "power at p1",
}
DESIGNS = {
    "optimal": "optimal",
    "minimax": "minimax",
    "one_stage": "without a stop",
}
LABELS = {
    **{f"{name} {part}": f"{said}: {of}" for name, said in DESIGNS.items()
       for part, of in PARTS.items()},
    **{f"asked {part}": f"asked: {part}" for part in ("p0", "p1", "alpha", "power")},
}  # fmt: skip
