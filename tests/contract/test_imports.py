import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
MODELS = "msgraph.generated.models."


def test_no_change_of_any_kind_loads_an_entity_of_the_sdk() -> None:
    # The first one costs seconds and tens of megabytes.
    paths = os.pathsep.join([str(HERE), str(HERE.parents[1])])
    done = subprocess.run(
        [sys.executable, HERE / "one_of_each_change.py"],
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    *operations, modules = done.stdout.splitlines()
    assert operations == ["patchDevice", "patchManagedDevice", "patchUser", "updateDeviceAccount"]
    assert "msgraph.graph_request_adapter" in modules.split()
    loaded = [name for name in modules.split() if name.startswith(MODELS)]
    assert [name for name in loaded if not name.startswith(f"{MODELS}o_data_errors")] == []
