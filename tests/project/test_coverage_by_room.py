"""The table of `make coverage`: files are added up by their rooms."""

from tests.support.coverage_by_room import rooms_of, table


def file(statements, run):
    return {"summary": {"num_statements": statements, "covered_lines": run}}


def test_files_are_added_up_by_room_and_folders_within_a_room_belong_to_it():
    files = {
        "autograder/budget.py": file(10, 10),
        "autograder/sandbox/job.py": file(30, 30),
        "autograder/sandbox/inside/state.py": file(70, 20),
        "helpers/__init__.py": file(0, 0),
    }
    rooms = rooms_of({"files": files})
    assert rooms == {"autograder": (10, 10), "autograder/sandbox": (100, 50), "helpers": (0, 0)}
    assert [line.split() for line in table(rooms).splitlines()[1:]] == [
        ["autograder", "10", "100%"],
        ["autograder/sandbox", "100", "50%"],
        ["helpers", "0", "0%"],
        ["all", "110", "55%"],
    ]
