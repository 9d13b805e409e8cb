"""What lies in source/: notebooks that nobody could grade are refused by name, and the instructor's files are all there."""

import json

import pytest
from traitlets.config import Config

import autograder.course
from autograder.authoring.release import CannotRelease, release
from autograder.course.settings import LARGEST_COMPANION, Course, NoCourse
from autograder.nbgrader_plugin import plug_in
from tests.support.tiny_course import ASSIGNMENT, make_tiny_course, tiny_notebook, write


@pytest.fixture
def folder(tmp_path):
    return make_tiny_course(tmp_path / "course", ["ann"])


def source_of(folder):
    return folder / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"


def settings(folder, text):
    """Add lines to a course's configuration, before the plugin looks at it."""
    path = folder / "nbgrader_config.py"
    path.write_text(path.read_text().replace("\nplug_in(c)", f"\n{text}\nplug_in(c)"))
    assert text in path.read_text()


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}},
        {"language_info": {"name": "julia"}},
        {"kernelspec": {"name": "x", "display_name": "x", "language": "c++"}, "language_info": {"name": "c++"}},
    ],
)
def test_a_notebook_in_another_language_is_refused(folder, metadata):
    """Its cells would be run as Python, and everybody would get nothing."""
    content = json.loads(source_of(folder).read_text())
    source_of(folder).write_text(json.dumps({**content, "metadata": metadata}))
    with pytest.raises(NoCourse, match="only Python can be graded"):
        Course.here(folder).source_notebook(ASSIGNMENT, ASSIGNMENT)


@pytest.mark.parametrize("metadata", [{}, {"language_info": {"name": "python"}}, {"kernelspec": {"name": "python3"}}])
def test_a_python_notebook_is_none(folder, metadata):
    content = json.loads(source_of(folder).read_text())
    source_of(folder).write_text(json.dumps({**content, "metadata": metadata}))
    assert Course.here(folder).source_notebook(ASSIGNMENT, ASSIGNMENT).cells


@pytest.mark.parametrize("points", [None, "many", [], float("nan"), float("inf"), "missing"])
def test_a_graded_cell_without_points_is_refused_by_name(folder, points):
    content = json.loads(source_of(folder).read_text())
    cell = next(cell for cell in content["cells"] if cell["metadata"]["nbgrader"]["grade_id"] == "test_triple")
    cell["metadata"]["nbgrader"]["points"] = points
    if points == "missing":
        del cell["metadata"]["nbgrader"]["points"]
    source_of(folder).write_text(json.dumps(content))
    with pytest.raises(NoCourse, match=rf"{ASSIGNMENT}\.ipynb the graded cell test_triple has no points"):
        Course.here(folder).source_notebook(ASSIGNMENT, ASSIGNMENT)


def test_the_instructors_files_have_no_limit_but_the_sandboxs(folder):
    beside = source_of(folder).parent
    (beside / "large.bin").write_bytes(bytes(LARGEST_COMPANION + 1))
    (beside / "img").mkdir()
    for number in range(60):
        (beside / "img" / f"p{number}.png").write_text("x")
    files, remarks = Course.here(folder).companions(ASSIGNMENT, "ann")
    assert len(files) == 61 and len(files["large.bin"]) == LARGEST_COMPANION + 1 and remarks == []
    settings(folder, f'c.CourseLab.limits = {{"disk": {LARGEST_COMPANION}}}')
    with pytest.raises(NoCourse, match=r"large\.bin was left behind"):
        Course.here(folder).companions(ASSIGNMENT, "ann")


def test_a_link_among_the_instructors_files_is_refused_by_name(folder, tmp_path):
    (tmp_path / "elsewhere.csv").write_text("1")
    (source_of(folder).parent / "data.csv").symlink_to(tmp_path / "elsewhere.csv")
    with pytest.raises(NoCourse, match=r"data\.csv was left behind"):
        Course.here(folder).companions(ASSIGNMENT)


def test_endings_are_compared_without_case(folder):
    submitted = folder / "submitted" / "ann" / ASSIGNMENT
    for name in ("A.PNG", "b.JPEG", "c.Jpg", "d.exe"):
        (submitted / name).write_text("x")
    files, remarks = Course.here(folder).companions(ASSIGNMENT, "ann")
    assert set(files) == {"A.PNG", "b.JPEG", "c.Jpg"} and "d.exe" in remarks[0]


@pytest.mark.parametrize("section", ["Autograde", "CourseAutograde"])
def test_what_nbgrader_is_told_not_to_overwrite_stays_the_students(folder, section):
    submitted = folder / "submitted" / "ann" / ASSIGNMENT
    for name in ("theirs.py", "notes.xyz", "ours.py"):
        (source_of(folder).parent / name).write_text("instructor")
        (submitted / name).write_text("student")
    (source_of(folder).parent / "forgotten.py").write_text("instructor")
    kept = ["theirs.py", "./notes.xyz", "forgotten.py"]
    settings(folder, f'c.{section}.exclude_overwriting = {{"{ASSIGNMENT}": {kept}, "other": ["ours.py"]}}')
    files, remarks = Course.here(folder).companions(ASSIGNMENT, "ann")
    assert files == {
        **{"theirs.py": b"student", "notes.xyz": b"student"},
        **{"ours.py": b"instructor", "forgotten.py": b"instructor"},
    }
    assert remarks == []


def twice_the_same_id():
    notebook = tiny_notebook()
    notebook.cells[3].metadata.nbgrader.grade_id = "double"
    return notebook


@pytest.mark.parametrize(
    "broken, why",
    [
        (twice_the_same_id(), r"Duplicate grade id: double \(in 07_broken\.ipynb\)"),
        (tiny_notebook("return 1\n    ### BEGIN SOLUTION"), r"solution.*\(in 07_broken\.ipynb\)"),
    ],
)
def test_a_refused_release_says_the_innermost_reason_and_does_not_stop_the_others(folder, broken, why, monkeypatch):
    monkeypatch.chdir(folder)
    write(folder / "source" / "07_broken" / "07_broken.ipynb", broken)
    course = Course.here(folder)
    released = []
    with pytest.raises(CannotRelease, match=f"^07_broken could not be released: .*{why}"):
        for name, _ in release(course, ["07_broken", ASSIGNMENT]):
            released.append(name)
    assert released == [ASSIGNMENT]


# plug_in.


def test_the_plugin_leaves_what_the_course_has_set_itself():
    c = Config()
    c.ZipCollectApp.collector_plugin = "nbgrader.plugins.FileNameCollectorPlugin"
    c.GenerateFeedback.permissions = 664
    plug_in(c)
    assert c.ZipCollectApp.collector_plugin == "nbgrader.plugins.FileNameCollectorPlugin"
    assert c.GenerateFeedback.permissions == 664
    assert c.ZipCollectApp.extractor_plugin == "autograder.lms.downloads.SafeExtractor"


def test_a_plugin_of_the_courses_own_that_is_not_there_is_warned_of(caplog):
    c = Config()
    c.ExchangeFactory.release_feedback = "nobody_has_this.ExchangeReleaseFeedback"
    plug_in(c)
    assert c.ExchangeFactory.release_feedback == "autograder.nbgrader_plugin.exchange.ReleaseFeedback"
    assert "c.ExchangeFactory.release_feedback is nobody_has_this" in caplog.text


def test_the_course_is_imported_from_the_package_as_before():
    assert autograder.course.Course is Course
    with pytest.raises(AttributeError, match="no attribute 'Coarse'"):
        _ = autograder.course.Coarse
