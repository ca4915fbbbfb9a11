"""The conformance kit: is somebody's own ST-GCN right, and if not, at which step and by which mistake?

python -m reference.conformance run MODULE      a module that defines any of the functions of README.md
python -m reference.conformance run FOLDER      result files, from any language
python -m reference.conformance build           write the vectors again, byte for byte
"""

from .runner import check, run_folder, run_module

__all__ = ["check", "run_folder", "run_module"]
