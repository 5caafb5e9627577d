"""Files that are complete or absent."""

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from clvmodels.cli.output.files import check_output
from clvmodels.cli.terminal import UsageProblem
from clvmodels.files import private_folder, whole_file


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


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_a_file_that_is_replaced_hands_on_its_permissions(tmp_path, mode):
    path = tmp_path / "secret"
    path.write_text("old")
    path.chmod(mode)
    with whole_file(path) as part:
        assert stat.S_IMODE(part.stat().st_mode) == mode  # while it is written, too
        part.write_text("new")
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_text() == "new"


WRITE_AND_HANG = """
import sys, time
from clvmodels.files import private_folder, whole_file
with whole_file(sys.argv[1]) as part:
    part.write_text("half of it")
    print(private_folder(), flush=True)
    time.sleep(60)
"""


def start_writing(path: Path) -> tuple[subprocess.Popen[str], Path]:
    """A process that is in the middle of writing a file, and its private folder."""
    process = subprocess.Popen([sys.executable, "-c", WRITE_AND_HANG, path], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no locks that belong to the open file")
def test_what_a_killed_process_left_is_removed_by_the_next_that_writes_the_same_file(tmp_path):
    path = tmp_path / "scores.csv"
    process, folder = start_writing(path)
    with whole_file(path) as part:  # the other is still at work
        part.write_text("ours")
    assert len(os.listdir(tmp_path)) == 2
    assert folder.is_dir()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert len(os.listdir(tmp_path)) == 2
    with whole_file(path) as part:
        part.write_text("ours again")
    assert os.listdir(tmp_path) == ["scores.csv"]
    assert path.read_text() == "ours again"
    private_folder.cache_clear()
    assert private_folder().is_dir()
    assert not folder.exists()


def test_the_private_folder_is_private_and_goes_away():
    code = "from clvmodels.files import private_folder; print(private_folder())"
    folder = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert not Path(folder).exists()
    assert stat.S_IMODE(private_folder().stat().st_mode) == 0o700


def test_two_at_a_time_in_one_process_do_not_take_each_other_s_file(tmp_path):
    path = tmp_path / "note"
    with whole_file(path) as first:
        with whole_file(path) as second:
            second.write_text("second")
        first.write_text("first")
    assert path.read_text() == "first"
    assert os.listdir(tmp_path) == ["note"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    path, read = tmp_path / "pipe.csv", []
    os.mkfifo(path)
    reader = threading.Thread(target=lambda: read.append(path.read_text()))
    reader.start()
    with whole_file(path) as part:
        part.write_text("all of it")
    reader.join(10)
    assert read == ["all of it"]
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert check_output(str(path), (".csv",)) == path


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="there is no such device here")
def test_a_device_is_written_to_from_python_and_refused_in_a_shell():
    code = """if True:
        from clvmodels.files import whole_file
        with whole_file("/dev/stdout") as part:
            part.write_text("all of it")"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "all of it"
    with pytest.raises(UsageProblem, match="is a pipe or a device"):
        check_output("/dev/null", (".csv",))


def test_netcdf_which_locks_on_its_own_is_written_whole(tmp_path):
    xarray = pytest.importorskip("xarray")
    with whole_file(tmp_path / "draws.nc") as part:
        xarray.Dataset({"x": ("draw", [1.0, 2.0])}).to_netcdf(part, engine="h5netcdf")
    assert xarray.load_dataset(tmp_path / "draws.nc", engine="h5netcdf")["x"].sum() == 3.0
