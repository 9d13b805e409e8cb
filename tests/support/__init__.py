"""What the tests share: courses, classes and banks of cases. Nothing here is a test."""
