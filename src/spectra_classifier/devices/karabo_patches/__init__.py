"""What the channels of the package do differently from those of Karabo.

Nothing of Karabo, asyncio or the interpreter is changed: these are classes
and functions of our own that only our channels use, and only with a version
of Karabo that they were tested with (`version`). With any other version our
channels are those of Karabo. Reasons and measurements: docs/install.md.
"""
