"""The device `RecordingAdapter`."""
