"""The headings of Canvas' and Moodle's tables: those that class lists come with, and those that marks go out under.

Where several headings may stand for one thing, the first that is there and not empty counts.
"""

# Canvas' gradebook. The first five say who it is; a column for each assignment follows.
CANVAS_NAME, CANVAS_NUMBER, SIS_ID, SIS_LOGIN, SECTION = "Student", "ID", "SIS User ID", "SIS Login ID", "Section"
CANVAS_WHO = (CANVAS_NAME, CANVAS_NUMBER, SIS_ID, SIS_LOGIN, SECTION)
POINTS_POSSIBLE = "Points Possible"  # the name in the row that has the most that each assignment gives

# Moodle's import of marks, and its offline grading worksheet.
ID_NUMBER, USERNAME, EMAIL = "ID number", "Username", "Email address"
MOODLE_WHO = ("First name", "Last name", ID_NUMBER, USERNAME, EMAIL)
IDENTIFIER = "Identifier"  # "Participant 123", whatever language the word is in
GRADE, FEEDBACK = "Grade", "Feedback comments"
HANDED_IN, GRADED_AT = "Last modified (submission)", "Last modified (grade)"
MAXIMUM = ("Maximum Grade", "Maximum grade")

# In any of them.
IDS = ("student_id", SIS_LOGIN, USERNAME, ID_NUMBER, SIS_ID, EMAIL, CANVAS_NUMBER)
EMAILS = (EMAIL, "email")
NAMES = (CANVAS_NAME, "Full name", "Name")
LAST_NAMES = ("LastName", "Last name", "Surname", "last_name")
FIRST_NAMES = ("FirstName", "First name", "first_name")

Row = dict[str, str]  # heading → the cell as it stands in the file


def first_of(row: Row, *headings: str) -> str:
    """The first of these cells that is there and not empty, or ""."""
    return next((row[heading] for heading in headings if row.get(heading)), "")
