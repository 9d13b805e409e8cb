"""Learning platforms: the class list, submissions in, marks out.

The exporters are known by these names to `nbgrader export`.
"""

from autograder.lms.exports import CanvasExporter, MoodleExporter, MoodleWorksheetExporter

__all__ = ["CanvasExporter", "MoodleExporter", "MoodleWorksheetExporter"]
