"""One macro a file, self-contained: its text is what `requestMacro` gives.

A text may be pasted into a project and changed there; it imports nothing of
this package.
"""
