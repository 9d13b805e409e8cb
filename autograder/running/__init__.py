"""A notebook becomes answers and outputs: as one step that can also be done on another machine."""
