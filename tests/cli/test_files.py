"""Files that are complete or absent."""

import os
import stat

import pytest

from clvmodels.files import whole_file


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path):
    with whole_file(tmp_path / "ours") as part:
        part.write_text("ours")
    (tmp_path / "any").write_text("any")
    assert stat.S_IMODE(os.stat(tmp_path / "ours").st_mode) == stat.S_IMODE(os.stat(tmp_path / "any").st_mode)


def test_a_failure_leaves_the_old_file(tmp_path):
    path = tmp_path / "note"
    path.write_text("old")

    def fail():
        with whole_file(path) as part:
            part.write_text("ne")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["note"]


def test_the_file_that_a_link_points_to_is_replaced(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with whole_file(tmp_path / "link") as part:
        part.write_text("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"
