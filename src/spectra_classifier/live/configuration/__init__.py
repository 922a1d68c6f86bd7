"""From property values to one immutable configuration."""
