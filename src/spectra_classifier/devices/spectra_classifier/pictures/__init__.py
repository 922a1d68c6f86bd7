"""Pictures of the live result, drawn in the device for its scenes."""
