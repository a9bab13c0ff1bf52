"""What every process shares; it knows no kind of organisation and no gateway."""
