"""What pyproject.toml cannot say: shipped models travel in the package; the compiled parts may fail to build.

Each .pyx file does the work of the Python module beside it, with the same results, several times as fast. Without a C
compiler they are left out and the Python modules work alone.
"""

from concurrent.futures import ThreadPoolExecutor
from itertools import compress
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, find_packages, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import BaseError, CCompilerError

SHIPPED = ["classifier.default_models", "classifier.default_models.default"]
# no fused multiply-add: the same sums on every processor; without facts for debuggers a third of the size
FLAGS = ["-O3", "-ffp-contract=off", "-g0"]


class BuildWhatCompiles(build_ext):
    """Leaves out an extension that does not compile, where `optional` alone would still want its file."""

    def build_extensions(self) -> None:
        self.check_extensions_list(self.extensions)
        with ThreadPoolExecutor() as pool:
            built = list(pool.map(self.built, self.extensions))
        self.extensions = list(compress(self.extensions, built))

    def built(self, extension: Extension) -> bool:
        """Whether an extension could be built; where not, one of an earlier build is removed, as it may be outdated."""
        try:
            self.build_extension(extension)
        except (BaseError, CCompilerError, OSError) as error:
            self.warn(f"{extension.name} is left out, its Python module will do its work: {error}")
            name = self.get_ext_filename(extension.name)
            for folder in (".", self.build_lib):
                Path(folder, name).unlink(missing_ok=True)
            return False
        return True


def compiled() -> list[Extension]:
    """An extension for each .pyx file."""
    paths = sorted(Path("classifier").glob("*/*.pyx"))
    parts = [Extension(".".join(path.with_suffix("").parts), [str(path)], extra_compile_args=FLAGS) for path in paths]
    return cythonize(parts, build_dir="build", language_level=3)


setup(
    packages=[*find_packages(include=["classifier*"]), *SHIPPED],
    package_dir={"classifier.default_models": "models"},
    package_data={
        "classifier": ["py.typed"],
        "classifier.report": ["*.css", "*.html", "*.js"],
        "classifier.default_models.default": ["*"],
    },
    exclude_package_data={"classifier.default_models.default": ["training.joblib"]},
    ext_modules=compiled(),
    cmdclass={"build_ext": BuildWhatCompiles},
)
