"""`import reference` is light."""

import subprocess
import sys

IMPORT = """
import sys, time
before, start = set(sys.modules), time.perf_counter()
import reference
print(f"{time.perf_counter() - start:.2f} s", file=sys.stderr)
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(new - sys.stdlib_module_names))
"""


def test_import_needs_numpy_and_safetensors_only():
    result = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True)
    print("import reference:", result.stderr)
    assert set(result.stdout.split()) == {"numpy", "reference", "safetensors"}
