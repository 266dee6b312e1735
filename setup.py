"""The one thing pyproject.toml cannot say: the shipped models lie at the top of the tree and travel in the package."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["classifier*"]), "classifier.default_models"],
    package_dir={"classifier.default_models": "models"},
    package_data={
        "classifier": ["py.typed"],
        "classifier.report": ["*.css", "*.html", "*.js"],
        "classifier.default_models": ["*/*"],
    },
    exclude_package_data={"classifier.default_models": ["*/training.joblib"]},
)
