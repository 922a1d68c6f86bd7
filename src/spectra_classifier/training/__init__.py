"""Training and evaluation; torch is imported only to fit networks."""
