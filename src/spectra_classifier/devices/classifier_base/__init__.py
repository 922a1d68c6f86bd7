"""What classifier and collector share."""
