"""How good a model is: references, change points, agreement."""
