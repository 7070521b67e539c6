"""What a person or a program is shown of a run: pure functions of its event stream."""
