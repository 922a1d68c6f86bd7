"""What a simulated source sends and when, faults included."""
