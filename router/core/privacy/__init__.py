"""What a request holds that should not leave: detectors with checksums, and what they read."""
