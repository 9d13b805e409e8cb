"""The course's settings, read by nbgrader and by the autograder alike."""

from autograder.nbgrader_plugin import plug_in

c = get_config()  # noqa: F821  (nbgrader puts it here)

c.CourseDirectory.course_id = "nn-course-lab"

# Hidden inputs are drawn from this seed: choose another each term, and keep it from students.
# The environment variable COURSE_SEED, where it is set, wins.
c.CourseLab.course_seed = "change me each term"

# What one submission may use; autograder/sandbox/job.py lists all limits and their defaults.
c.CourseLab.limits = {"cell_seconds": 10.0, "question_seconds": 3.0, "notebook_seconds": 90.0}

# Who tries out the open choices that questions name: file and function.
c.CourseLab.judges = {"xor": "judges/xor.py:judge_xor"}

# The gradebook is nbgrader's: SQLite here unless another address is given.
# c.CourseDirectory.db_url = "postgresql+psycopg2://user@host/database"

# nbgrader's own commands and the Formgrader grade as `autograder grade` does.
plug_in(c)
