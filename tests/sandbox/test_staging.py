"""What a sandbox is shown of helpers/."""

import pytest

from autograder.sandbox.staging import copy_helpers


@pytest.mark.parametrize("pattern", ["live", "live.*", "live.py", "l*e"])
def test_a_pattern_of_a_module_withholds_the_folder_that_it_has_become(tmp_path, pattern):
    """Courses of earlier terms name the file."""
    copy_helpers(tmp_path / "helpers", [pattern, "network.py"])
    there = {path.name for path in (tmp_path / "helpers").iterdir()}
    assert not {"live", "network.py"} & there
    assert {"explorers", "losses.py", "questions.py"} <= there
