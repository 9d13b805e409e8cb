"""Copy a course's gradebook into an empty database, automatic and manual marks and comments alike.

    python examples/move_gradebook.py sqlite:///gradebook.db postgresql+psycopg2://course@host/marks

The old gradebook is only read. The new database must exist and hold nothing. Everything is copied in one transaction, or
nothing is.
"""

import sys

from nbgrader.api import Base
from sqlalchemy import create_engine, insert, inspect, select, text


def move(old, new):
    """Copy the gradebook at address `old` to `new`. Returns how many rows. Raises ValueError when that is not possible."""
    source, target = create_engine(old), create_engine(new)
    if not inspect(source).has_table("alembic_version"):
        raise ValueError(f"There is no gradebook at {source.url.render_as_string()}.")
    if inspect(target).get_table_names():
        raise ValueError(f"The database {target.url.render_as_string()} is not empty. Give a new one.")
    rows = 0
    with source.connect() as reading, target.begin() as writing:
        Base.metadata.create_all(bind=writing)
        version = reading.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        writing.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        writing.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": version})
        for table in Base.metadata.sorted_tables:  # those that others point to come first
            found = [dict(row) for row in reading.execute(select(table)).mappings()]
            if found:
                writing.execute(insert(table), found)
            rows += len(found)
    return rows


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        print(f"{move(*sys.argv[1:])} rows copied")
    except ValueError as error:
        sys.exit(str(error))
