"""Drawing of pictures for scenes."""
