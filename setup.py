"""The one thing pyproject.toml cannot say: the shipped models lie at the top of the tree and travel in the package."""

from setuptools import find_packages, setup

SHIPPED = ["classifier.default_models", "classifier.default_models.default"]

setup(
    packages=[*find_packages(include=["classifier*"]), *SHIPPED],
    package_dir={"classifier.default_models": "models"},
    package_data={
        "classifier": ["py.typed"],
        "classifier.report": ["*.css", "*.html", "*.js"],
        "classifier.default_models.default": ["*"],
    },
    exclude_package_data={"classifier.default_models.default": ["training.joblib"]},
)
