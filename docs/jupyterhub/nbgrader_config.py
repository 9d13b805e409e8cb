"""nbgrader for everybody on the machine: /etc/jupyter/nbgrader_config.py.

The instructor's own nbgrader_config.py at the course root comes on top of it. Make the exchange once, as root:

    install -d -m 0777 /srv/nbgrader/exchange
"""

c = get_config()  # noqa: F821  (nbgrader puts it here)

c.Exchange.root = "/srv/nbgrader/exchange"
c.CourseDirectory.course_id = "nn-course-lab"  # the same as at the course root
c.Exchange.timezone = "UTC"
