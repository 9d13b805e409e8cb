"""JupyterHub for one course on one machine, where every user has an account: /etc/jupyterhub/jupyterhub_config.py.

Start it as root:  jupyterhub -f /etc/jupyterhub/jupyterhub_config.py
The exchange is set in nbgrader_config.py beside this file.
"""

c = get_config()  # noqa: F821  (JupyterHub puts it here)

INSTRUCTOR = "instructor"  # owns the course, with source/, gradebook.db and .autograder/; its home is closed to others

c.JupyterHub.bind_url = "http://127.0.0.1:8000"  # behind a web server that speaks https to the world
c.JupyterHub.authenticator_class = "pam"  # the accounts of this machine
c.JupyterHub.spawner_class = "localprocess"

c.Authenticator.allow_all = True
c.Authenticator.admin_users = {INSTRUCTOR}

# Every server runs as its user: it is the rights of files that keep students apart.
c.Spawner.default_url = "/lab"
c.Spawner.notebook_dir = "~"
c.Spawner.environment = {"OPENBLAS_NUM_THREADS": "1"}


def start_at_the_course(spawner):
    """The Formgrader wants the instructor's server to be started at the course root."""
    if spawner.user.name == INSTRUCTOR:
        spawner.notebook_dir = "~/course"


c.Spawner.pre_spawn_hook = start_at_the_course
