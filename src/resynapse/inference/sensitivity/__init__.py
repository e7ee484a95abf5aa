"""What a result rests on."""

from resynapse.inference.sensitivity.quantity import Quantity, QuantityError, chance_error
from resynapse.inference.sensitivity.sobol import Share, Shares, shares
from resynapse.inference.sensitivity.tornado import Swing, Tornado, tornado

__all__ = [
    "Quantity",
    "QuantityError",
    "Share",
    "Shares",
    "Swing",
    "Tornado",
    "chance_error",
    "shares",
    "tornado",
]
