"""Pointwise networks compiled to exact thresholds."""
