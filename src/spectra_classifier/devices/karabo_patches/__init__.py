"""Changes of Karabo and asyncio, with their reasons."""
