"""What macros and guards act on in rehearsals: motor, shutter, outputs."""
