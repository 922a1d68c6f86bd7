"""The device `PermitGuard`."""
