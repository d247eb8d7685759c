"""What people type, read into values and written back as words; pure, without I/O."""
