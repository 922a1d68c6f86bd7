"""A private Karabo for demo, tests and benchmarks.

A broker on the loopback interface, device servers as processes of our own,
a scripting client. Everything that is started leaves a pid file and is
stopped by pid; nothing of the machine's own installation is touched.
"""
